import Checkpoints
import Foundation
import Testing

/// What JSON looks like to people, and that it stays the same to programs.
@Suite struct JSONLayoutTests {
  private func lines(_ json: String) -> String { String(decoding: JSONLayout.lines(json.utf8), as: UTF8.self) }

  @Test func listsOfNumbersAndTheirEntriesTakeALine() {
    let json =
      #"{"a":[1,2.5,-3e4],"b":{"c":null,"d":"x,]}\" {"},"e":[{"f":[1,2],"g":3},{"f":[],"g":{}}],"h":[[1,2],[3]],"#
      + #""i":[{"j":[{"k":[1]},{"k":[2]}]}],"l":{},"m":[]}"#
    #expect(
      lines(json) == """
        {
          "a" : [1, 2.5, -3e4],
          "b" : {
            "c" : null,
            "d" : "x,]}\\" {"
          },
          "e" : [
            {"f" : [1, 2], "g" : 3},
            {"f" : [], "g" : {}}
          ],
          "h" : [
            [1, 2],
            [3]
          ],
          "i" : [
            {
              "j" : [
                {"k" : [1]},
                {"k" : [2]}
              ]
            }
          ],
          "l" : {},
          "m" : []
        }
        """)
  }

  @Test(arguments: [
    "1", "\"\\\\\"", "[]", "{}", "[[]]", "[null,true]", "{\"a\\\\\":\"\\\"\"}", "[{\"a\":{\"b\":[[1]]}}]",
  ])
  func programsReadTheSame(json: String) throws {
    func object(_ text: String) throws -> NSObject? {
      try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? NSObject
    }
    #expect(try object(lines(json)) == object(json))
    #expect(lines(json).filter { !$0.isWhitespace } == json)
  }

  /// What is no JSON ends all the same.
  @Test(arguments: ["", "[", "{", "]", "[:", "{:", "{\"a\"", "{\"a\":", "[\"\\", "[1,,2", "{,", "}{"])
  func torn(json: String) {
    #expect(lines(json).utf8.count <= 100)
  }
}
