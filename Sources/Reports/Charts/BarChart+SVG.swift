// A bar chart in the same units as a line chart; its height follows the number of rows.

extension BarChart {
  private static let width = 640.0, rowHeight = 26.0

  private var left: Double { 20 + 6.6 * Double(rows.map { shown($0.name).count }.max() ?? 0) }
  private var right: Double { Self.width - 24 }
  private var top: Double { parts.count > 1 ? 30 : 10 }
  private var bottom: Double { top + Double(rows.count) * Self.rowHeight + 4 }

  /// The chart as one element of SVG, with its title for screen readers.
  package var svg: Markup {
    """
    <svg viewBox="0 0 \(at: Self.width) \(at: bottom + 42)" role="img" aria-label="\(title)" xmlns="http://www.w3.org/2000/svg">\(legend)\(grid)\(rows.indices.map(bar))</svg>
    """
  }

  private func horizontal(_ value: Double) -> Double { left + axis.fraction(value) * (right - left) }

  private func shown(_ name: String) -> String { name.count > 40 ? name.prefix(39) + "…" : name }

  private var legend: Markup {
    guard parts.count > 1 else { return "" }
    var legend: Markup = ""
    var place = left
    for (index, part) in parts.enumerated() {
      legend += """
        <rect class="fill c\(index % 6)" x="\(at: place)" y="4" width="12" height="12"/>\
        <text class="tick" x="\(at: place + 17)" y="14">\(part)</text>
        """
      place += 34 + 6.6 * Double(part.count)
    }
    return legend
  }

  private var grid: Markup {
    var marks: Markup = ""
    for (value, label) in zip(axis.ticks.values, axis.ticks.labels) {
      let place = horizontal(value)
      marks += """
        <line class="grid" x1="\(at: place)" y1="\(at: top)" x2="\(at: place)" y2="\(at: bottom)"/>\
        <text class="tick middle" x="\(at: place)" y="\(at: bottom + 15)">\(label)</text>
        """
    }
    return marks + """
      <text class="name middle" x="\(at: (left + right) / 2)" y="\(at: bottom + 36)">\(axis.title)</text>
      """
  }

  private func bar(_ index: Int) -> Markup {
    let row = rows[index]
    let middle = top + (Double(index) + 0.5) * Self.rowHeight + 2
    var drawn: Markup =
      "<text class=\"tick end\" x=\"\(at: left - 8)\" y=\"\(at: middle + 4)\">\(shown(row.name))</text>"
    var end = 0.0
    for (part, value) in row.values.enumerated() where value.isFinite && value > 0 {
      let start = horizontal(end)
      end += value
      drawn += """
        <rect class="fill c\(part % 6)" x="\(at: start)" y="\(at: middle - 8)" width="\(at: horizontal(end) - start)" \
        height="16"><title>\(row.name), \(parts[part]): \(Figures.short(value))</title></rect>
        """
    }
    if let deviation = row.deviation {
      let (low, high) = (horizontal(max(0, end - deviation)), horizontal(end + deviation))
      drawn += """
        <path class="whisker" d="M\(at: low) \(at: middle) H\(at: high) M\(at: low) \(at: middle - 4) v8 \
        M\(at: high) \(at: middle - 4) v8"/>
        """
    }
    return drawn
  }
}
