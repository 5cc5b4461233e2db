// A line chart in units of which a text line takes 15; it scales with the page.

extension LineChart {
  private static let width = 640.0, height = 300.0
  private static let left = 58.0, top = 14.0, bottom = 258.0
  private static let labelSpacing = 14.0

  /// Where the plot ends: what is left of the labels.
  private var right: Double {
    let longest = series.filter(\.isLabelled).map { shown($0.name).count }.max() ?? 0
    return Self.width - (longest == 0 ? 16 : 30 + 6.6 * Double(longest))
  }

  /// The chart as one element of SVG, with its title for screen readers.
  package var svg: Markup {
    """
    <svg viewBox="0 0 \(at: Self.width) \(at: Self.height)" role="img" aria-label="\(title)" xmlns="http://www.w3.org/2000/svg">\
    \(grid)\(bands.indices.map(area))\(series.map(line))\(endLabels)\(bandLegend)</svg>
    """
  }

  private func horizontal(_ value: Double) -> Double { Self.left + x.fraction(value) * (right - Self.left) }
  private func vertical(_ value: Double) -> Double { Self.bottom - y.fraction(value) * (Self.bottom - Self.top) }

  /// Names longer than a quarter of the chart are cut.
  private func shown(_ name: String) -> String { name.count > 24 ? name.prefix(23) + "…" : name }

  private var grid: Markup {
    var marks: Markup = ""
    for (value, label) in zip(y.ticks.values, y.ticks.labels) {
      let height = vertical(value)
      marks += """
        <line class="grid" x1="\(at: Self.left)" y1="\(at: height)" x2="\(at: right)" y2="\(at: height)"/>\
        <text class="tick end" x="\(at: Self.left - 7)" y="\(at: height + 4)">\(label)</text>
        """
    }
    for (value, label) in zip(x.ticks.values, x.ticks.labels) {
      let place = horizontal(value)
      marks += """
        <line class="axis" x1="\(at: place)" y1="\(at: Self.bottom)" x2="\(at: place)" y2="\(at: Self.bottom + 4)"/>\
        <text class="tick middle" x="\(at: place)" y="\(at: Self.bottom + 17)">\(label)</text>
        """
    }
    let middle = (Self.top + Self.bottom) / 2
    return marks + """
      <line class="axis" x1="\(at: Self.left)" y1="\(at: Self.bottom)" x2="\(at: right)" y2="\(at: Self.bottom)"/>\
      <text class="name middle" x="\(at: (Self.left + right) / 2)" y="\(at: Self.height - 6)">\(x.title)</text>\
      <text class="name middle" transform="translate(13 \(at: middle)) rotate(-90)">\(y.title)</text>
      """
  }

  private func area(_ index: Int) -> Markup {
    let band = bands[index]
    func corner(_ x: Double, _ y: Double) -> Markup { "\(at: horizontal(x)),\(at: vertical(y)) " }
    let there = zip(band.x, band.high).map(corner)
    let back = zip(band.x, band.low).reversed().map(corner)
    return "<polygon class=\"band\" points=\"\(there + back)\"><title>\(band.name)</title></polygon>"
  }

  private func line(_ series: LineSeries) -> Markup {
    var drawn: Markup = ""
    for run in series.runs where run.count > 1 {
      let corners: [Markup] = run.map { "\(at: horizontal($0.x)),\(at: vertical($0.y)) " }
      drawn += "<polyline class=\"\(series.style)\" points=\"\(corners)\"><title>\(series.name)</title></polyline>"
    }
    // Dots where one can tell them apart, and where there is no line to see.
    let dots = series.weight == .quiet ? [] : series.runs.filter { $0.count == 1 || series.points.count <= 16 }
    for point in dots.joined() {
      drawn += """
        <circle class="dot \(series.hue)" cx="\(at: horizontal(point.x))" cy="\(at: vertical(point.y))" r="2.6">\
        <title>\(series.name), \(Figures.short(point.x)): \(Figures.short(point.y))</title></circle>
        """
    }
    return drawn
  }

  private var endLabels: Markup {
    let named = series.filter(\.isLabelled).compactMap { series in series.runs.last?.last.map { (series, $0) } }
    let ends = named.map { vertical($0.1.y) }
    let places = EndLabels.places(
      wanted: ends, spacing: Self.labelSpacing, in: (Self.top + 2)...max(Self.top + 3, Self.bottom - 2))
    var labels: Markup = ""
    for (index, (series, point)) in named.enumerated() {
      labels += """
        <path class="leader \(series.hue)" d="M\(at: horizontal(point.x) + 4) \(at: ends[index])\
         L\(at: right + 14) \(at: places[index])"/>\
        <text class="label \(series.weight.rawValue)" x="\(at: right + 18)" \
        y="\(at: places[index] + 4)">\(shown(series.name))</text>
        """
    }
    return labels
  }

  /// The bands' names above the plot, beside what they look like where they lie on each other.
  private var bandLegend: Markup {
    var legend: Markup = ""
    var place = Self.left + 6
    for (index, band) in bands.enumerated() {
      for _ in 0...index {
        legend += "<rect class=\"band\" x=\"\(at: place)\" y=\"3\" width=\"16\" height=\"9\"/>"
      }
      legend += "<text class=\"tick\" x=\"\(at: place + 20)\" y=\"11\">\(band.name)</text>"
      place += 34 + 6.4 * Double(band.name.count)
    }
    return legend
  }
}
