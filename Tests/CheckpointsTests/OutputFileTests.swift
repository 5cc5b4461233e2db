import Checkpoints
import Failures
import Foundation
import Testing

/// Where results go: regular files are replaced as a whole, anything else is written to and stays what it is.
@Suite struct OutputFileTests {
  let scratch = Scratch()

  private func write(_ text: String, to path: String) throws {
    let file = try OutputFile(path)
    #expect(!file.isStandardOutput)
    try file.write(text.utf8)
  }

  @Test func filesAreReplaced() throws {
    try write("new", to: scratch.file("a"))
    try write("newer", to: scratch.file("a"))
    #expect(try scratch.text("a") == "newer")
    let long = String(repeating: "n", count: 255)
    try write("long", to: scratch.file(long))
    #expect(try scratch.text(long) == "long")
    #expect(try scratch.names() == ["a", long])
  }

  /// Links stay: what they lead to is written, be it there or not.
  @Test func linksAreFollowed() throws {
    try scratch.write("sub/old", Array("old".utf8))
    symlink("sub/old", scratch.file("one"))
    symlink("sub/new", scratch.file("two"))
    symlink("one", scratch.file("three"))
    try write("first", to: scratch.file("one"))
    try write("second", to: scratch.file("two"))
    #expect(try scratch.text("sub/old") == "first" && scratch.text("sub/new") == "second")
    try write("third", to: scratch.file("three"))
    #expect(try scratch.text("sub/old") == "third")
    for name in ["one", "two", "three"] {
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.file(name)).isEmpty == false)
    }
    symlink("round", scratch.file("round"))
    #expect(throws: Failure.self) { try OutputFile(scratch.file("round")) }
  }

  @Test func whatCannotBeWrittenIsKnownAtOnce() throws {
    try scratch.write("file", Array("x".utf8))
    let cases = [
      ("none/x.json", "No such file or directory"), ("file/x.json", "Not a directory"), (".", "Is a directory"),
      ("new/", "No such file or directory"), (String(repeating: "n", count: 256), "File name too long"),
    ]
    for (name, reason) in cases {
      #expect { _ = try OutputFile(scratch.file(name)) } throws: { error in
        (error as? Failure)?.code == .cannotCreate && "\(error)".contains(reason)
      }
    }
    #expect { _ = try OutputFile("") } throws: { ($0 as? Failure)?.code == .cannotCreate }
    #expect(try scratch.names() == ["file"])
  }

  @Test func aPipeIsWrittenTo() throws {
    let path = scratch.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    #expect(reader >= 0)
    defer { close(reader) }
    let file = try OutputFile(path)
    try file.write("through".utf8)
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &bytes, 16) == 7)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  /// An open file by its number, even if its name is gone.
  @Test func openFilesByNumber() throws {
    let path = scratch.file("open")
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    unlink(path)
    for folder in ["/dev/fd", "/proc/self/fd"] { try write("text;", to: "\(folder)/\(descriptor)") }
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(pread(descriptor, &bytes, 16, 0) == 10 && bytes.starts(with: Array("text;text;".utf8)))
    let readOnly = open("/dev/null", O_RDONLY)
    defer { close(readOnly) }
    #expect(throws: Failure.self) { try OutputFile("/dev/fd/\(readOnly)") }
    #expect(throws: Failure.self) { try OutputFile("/dev/fd/9999") }
  }

  @Test func devicesStay() throws {
    try write("gone", to: "/dev/null")
    #expect { try OutputFile("/dev/full").write("x".utf8) } throws: { error in
      (error as? Failure)?.code == .inputOutput && "\(error)".contains("/dev/full: No space left on device")
    }
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }
}
