import Platform
import Testing

/// What a terminal obeys does not get there.
@Suite struct PlainTextTests {
  @Test(arguments: [
    ("plain ü 8/255 ±", "plain ü 8/255 ±"), ("\u{1B}[31mred\u{1B}[0m", "\\u001b[31mred\\u001b[0m"),
    ("one\ntwo", "one two"), ("one\r\ntwo\rthree", "one two three"), ("bell\u{7}", "bell\\u0007"),
    ("\u{9B}2J", "\\u009b2J"), ("del\u{7F}", "del\\u007f"), ("right\u{202E}left", "right\\u202eleft"),
    ("\u{2066}isolated\u{2069}", "\\u2066isolated\\u2069"), ("tab\tstays", "tab\tstays"), ("", ""),
  ])
  func line(text: String, plain: String) { #expect(PlainText.line(text) == plain) }

  @Test func linesKeepTheirBreaks() {
    #expect(PlainText.lines("# \u{1B}]0;title\u{7}\nkey: 1\n") == "# \\u001b]0;title\\u0007\nkey: 1\n")
  }
}
