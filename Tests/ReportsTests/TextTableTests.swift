import Reports
import Testing

@Suite struct TextTableTests {
  private func table() -> TextTable {
    var table = TextTable(["class", "clean", "robust"])
    table.add(["airplane", "81.2", "9"])
    table.add(["cat", "7.25", "-"], highlighted: true)
    table.add(["étoile", "100", "3.5 %"])
    return table
  }

  @Test func numbersAlignRightTextLeft() {
    #expect(
      table().text(colour: false) == """
          class     clean  robust
          --------  -----  ------
          airplane   81.2       9
        > cat        7.25       -
          étoile      100   3.5 %

        """)
  }

  @Test func colourMarksTheHighlightedRowOnly() {
    let lines = table().text(colour: true).split(separator: "\n")
    #expect(lines[3] == "\u{1B}[1m> cat        7.25       -\u{1B}[0m")
    #expect(lines.filter { $0.contains("\u{1B}") }.count == 1)
  }

  @Test func noHighlightNoMargin() {
    var table = TextTable(["name", "value"])
    table.add(["a", "8/255"])
    table.add(["bc"])
    #expect(table.text(colour: false) == "name  value\n----  -----\na     8/255\nbc\n")
  }

  @Test func aColumnWithWordsIsText() {
    var table = TextTable(["n", "m"])
    table.add(["10", "38.57 ± 2.88"])
    table.add(["auto", "4.0 ± 2.2"])
    #expect(
      table.text(colour: false) == """
        n                m
        ----  ------------
        10    38.57 ± 2.88
        auto     4.0 ± 2.2

        """)
  }

  @Test func empty() { #expect(TextTable(["name"]).text(colour: false) == "name\n----\n") }
}
