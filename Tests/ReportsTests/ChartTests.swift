// Axes and charts: round ticks, labels that do not touch, drawings that are well-formed and in their frame.

import Fairness
import Foundation
import Reports
import Testing

@Suite struct ChartTests {
  @Test(arguments: [
    (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (0.0, 100.0, ["0", "20", "40", "60", "80", "100"]),
    (0.3, 0.9, ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"]),
    (-3.0, 12.0, ["0", "5", "10"]),
    (0.0, 0.004, ["0.000", "0.001", "0.002", "0.003", "0.004"]),
    (1.0, 2_600, ["500", "1000", "1500", "2000", "2500"]),
  ])
  func ticksAreRound(low: Double, high: Double, labels: [String]) {
    #expect(Ticks(in: low...high).labels == labels)
  }

  @Test func ticksThatCountAreWhole() {
    #expect(Ticks(in: 1...3, about: 8, wholeNumbers: true).labels == ["1", "2", "3"])
    #expect(Ticks(in: 0...200, about: 8, wholeNumbers: true).values.last == 200)
  }

  @Test func decades() {
    #expect(Ticks(decadesIn: 0.001...0.1).labels == ["0.001", "0.01", "0.1"])
    #expect(Ticks(decadesIn: 1...100).labels == ["1", "10", "100"])
    #expect(Ticks(decadesIn: 1e-9...1e-7).labels == ["1e-9", "1e-8", "1e-7"])
  }

  @Test(arguments: [[3.0], [0.0, 0.0], [], [.nan, 1], [-1e-9, 1e-9], [1e300, -1e300, .infinity], [0.1, 0.1]])
  func anyValuesHaveAnAxis(values: [Double]) {
    for axis in [Axis.fitting(values, "y"), .fitting(values, "y", including: [0]), .logarithmic(values, "y")] {
      #expect(axis.range.lowerBound < axis.range.upperBound && (1...20).contains(axis.ticks.values.count))
      for value in values where abs(value) < 1e100 { #expect((-1e-9...1 + 1e-9).contains(axis.fraction(value))) }
    }
  }

  @Test(arguments: [(66.02, 70.0), (100, 100), (3, 3), (0.004, 0.004), (1.01, 1.2), (47, 50)])
  func axesEndAtATick(highest: Double, end: Double) {
    let axis = Axis.fitting([highest], "y", including: [0])
    #expect(abs(axis.range.upperBound - end) < 1e-12 && axis.ticks.values.first == 0)
    #expect(abs((axis.ticks.values.last ?? 0) - end) < 1e-12)
  }

  @Test func endLabelsKeepOrderAndDistance() {
    let wanted = [50.0, 51, 10, 52, 99]
    let places = EndLabels.places(wanted: wanted, spacing: 10, in: 0...100)
    #expect(places == [41, 51, 10, 61, 99])
    // More than fit begin at the top.
    let many = EndLabels.places(wanted: [Double](repeating: 5, count: 20), spacing: 10, in: 0...100)
    #expect(many == (0..<20).map { 10 * Double($0) })
  }

  @Test func quantilesInterpolate() {
    #expect(Quantiles.value(0.5, ofSorted: [1, 2, 4, 8]) == 3)
    #expect(Quantiles.value(0.25, ofSorted: [1, 2, 4, 8]) == 1.75)
    #expect(Quantiles.value(1, ofSorted: [1, 2, 4, 8]) == 8)
    #expect(Quantiles.value(0.5, ofSorted: []).isNaN)
  }

  @Test func linesAreWellFormedAndBrokenWhereNothingIsKnown() throws {
    let points = [ChartPoint(0, 1), ChartPoint(1, 2), ChartPoint(2, .nan), ChartPoint(3, 2), ChartPoint(4, 4)]
    let chart = LineChart(
      "a < b & \"c\"", x: .counting("epoch", 0...4), y: .fitting([1, 4], "y <%>", including: [0]),
      series: [LineSeries("</text><script>", points, colour: 7)])
    let svg = try #require(WellFormed(chart.svg.source))
    #expect(svg.all("script").isEmpty)
    #expect(svg.elements[0].attributes["aria-label"] == "a < b & \"c\"")
    #expect(
      svg.all("text").contains { $0.text == "</text><script>" } && svg.all("text").contains { $0.text == "y <%>" })
    #expect(svg.all("polyline").count == 2)
    // 0...4 on y, from y = 258 up to 14: 1 is a quarter of the way.
    let first = try #require(svg.all("polyline")[0].attributes["points"])
    #expect(first.hasPrefix("58,197 "))
    #expect(svg.all("text").map(\.text).contains("4"))
  }

  @Test func barsAddUp() throws {
    let chart = BarChart(
      "bars", axis: "s", parts: ["one", "two"], rows: [.init("row & row", [3, 5]), .init("b", [2, 0], deviation: 1)])
    let svg = try #require(WellFormed(chart.svg.source))
    let bars = svg.all("rect").filter { $0.attributes["height"] == "16" }
    let widths = bars.compactMap { $0.attributes["width"].flatMap { Double($0) } }
    #expect(widths.count == 3 && abs(widths[0] / widths[1] - 0.6) < 0.01 && abs(widths[0] / widths[2] - 1.5) < 0.01)
    #expect(svg.all("path").count == 1)
  }

  @Test(arguments: [2, 10, 12, 13, 100])
  func classesAreLinesOrBands(count: Int) throws {
    let entries = (1...5).map { epoch in
      let values: [Double?] = (0..<count).map { (k: Int) -> Double? in k == 1 ? nil : Double(k * epoch) }
      return ClassChart.Entry(Double(epoch), values)
    }
    let worst = Array(0..<max(1, count / 10))
    let chart = try #require(
      ClassChart(
        "by class", axis: "%", entries, names: (0..<count).map { "class \($0)" }, worst: worst
      ).chart)
    let isLines = count <= 12
    #expect(chart.bands.count == (isLines ? 0 : 3))
    #expect(chart.series.count == (isLines ? count : worst.count + 2))
    #expect(chart.series.last?.weight == .strong)
    let highest: [Double] = (1...5).map { (epoch: Int) -> Double in Double((count - 1) * epoch) }
    if !isLines { #expect(chart.bands[0].high == highest) }
    #expect(WellFormed(chart.svg.source) != nil)
  }
}
