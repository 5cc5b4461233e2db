import Failures
import Testing

/// Lines stay lines, however long the names in them are.
@Suite struct ShortLineTests {
  @Test func onlyWhatIsLongLosesItsMiddle() {
    let usual = "no tensor conv.weight in \(String(repeating: "/folder", count: 60))/x.safetensors: evaluate another"
    #expect(ShortLine.of(usual) == usual && ShortLine.of("") == "" && ShortLine.of("  a  ") == "  a  ")
    let word = String(repeating: "n", count: 400) + String(repeating: "o", count: 400)
    let short = ShortLine.of("tensor \(word)  is F31: give it another type")
    #expect(
      short == "tensor \(String(repeating: "n", count: 300))…(350 characters)…\(String(repeating: "o", count: 150))"
        + "  is F31: give it another type")
    #expect(Failure(.badData, word).message == ShortLine.of(word))
  }

  /// Blanks in a name, and marks that make one letter of it, do not help.
  @Test(arguments: ["a ", " ", "e\u{301}\u{302}", "\u{301}"]) func nothingIsWithoutEnd(part: String) {
    let line = ShortLine.of("tensor \(String(repeating: part, count: 300_000)) is damaged: copy it anew")
    #expect(line.unicodeScalars.count < 4_100)
    #expect(line.unicodeScalars.starts(with: "tensor ".unicodeScalars) && line.hasSuffix("is damaged: copy it anew"))
  }
}
