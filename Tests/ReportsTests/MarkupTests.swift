import Reports
import Testing

@Suite struct MarkupTests {
  @Test func textIsEscapedWhereItEnters() {
    let text = "<a href='x'>\"&amp;\u{1}"
    let markup: Markup = "<td title=\"\(text)\">\(text)</td>"
    let escaped = "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;\u{FFFD}"
    #expect(markup.source == "<td title=\"\(escaped)\">\(escaped)</td>")
    #expect(WellFormed(markup.source)?.elements[0].text == "<a href='x'>\"&amp;\u{FFFD}")
    let outer: Markup = "<tr>\(markup)</tr>"
    #expect(outer.source == "<tr>\(markup.source)</tr>")
  }

  @Test func positionsToATenth() {
    let markup: Markup = "\(at: 1.25) \(at: -0.04) \(at: -0.35) \(at: 12) \(at: .nan) \(at: 7.96)"
    #expect(markup.source == "1.3 0 -0.4 12 0 8")
  }

  @Test func csvFieldsReadBack() {
    let fields = ["plain", "", "a,b", "\"", "say \"no\", he said", "\"\""]
    #expect(CSV.fields(String(CSV.line(fields).dropLast())) == fields)
  }

  @Test func figures() {
    #expect(Figures.percent(0.12345) == "12.35" && Figures.percent(nil as Double?) == "–")
    #expect(Figures.short(0.012345) == "0.0123" && Figures.short(123.5) == "124" && Figures.short(2e-5) == "2.00e-05")
    #expect(Figures.short(.nan) == "–" && Figures.short(0) == "0")
  }
}
