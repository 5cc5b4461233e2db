import Platform
import Testing

/// Paths of every shape; what is right is what dirname(1) and basename(1) of coreutils print.
@Suite struct PathTests {
  @Test(arguments: [
    ("r", ".", "r"), ("a/b", "a", "b"), ("/", "/", "/"), ("//", "/", "/"), ("", ".", ""), (".", ".", "."),
    ("..", ".", ".."),
    ("/x", "/", "x"), ("//x", "/", "x"), ("x/", ".", "x"), ("x//", ".", "x"), ("a//b", "a", "b"), ("/a/b/", "/a", "b"),
    ("a/.", "a", "."), ("a/..", "a", ".."), ("../q", "..", "q"), ("50%/a b", "50%", "a b"), ("é", ".", "é"),
    ("~/x", "~", "x"), ("a\nb/c\td", "a\nb", "c\td"), ("file:///x", "file:", "x"),
  ])
  func takenApart(path: String, parent: String, name: String) {
    #expect(Path.parent(of: path) == parent)
    #expect(Path.name(of: path) == name)
  }

  @Test(arguments: [
    ("a", "b", "a/b"), ("a/", "b", "a/b"), ("/", "b", "/b"), (".", "b", "./b"), ("", "b", "b"), ("a", "/b", "/b"),
  ])
  func putTogether(directory: String, name: String, path: String) {
    #expect(Path.join(directory, name) == path)
  }

  @Test func anyLength() {
    let long = String(repeating: "d/", count: 50_000)
    #expect(Path.name(of: long) == "d")
    #expect(Path.parent(of: long).utf8.count == 2 * 49_999 - 1)
  }
}
