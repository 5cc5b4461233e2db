import Checkpoints
import Digests
import Failures
import Foundation
import Testing

@Suite struct AtomicFileTests {
  let scratch = Scratch()

  @Test func replacesAsAWhole() throws {
    try AtomicFile.write("one\n", to: scratch.file("a"))
    try AtomicFile.write("two\n", to: scratch.file("a"))
    #expect(try scratch.text("a") == "two\n")
    #expect(try scratch.names() == ["a"])
  }

  @Test func aFailureLeavesTheOldOne() throws {
    struct Interrupted: Error {}
    try AtomicFile.write("one\n", to: scratch.file("a"))
    #expect(throws: Interrupted.self) {
      try AtomicFile.write(to: scratch.file("a")) { writer in
        try writer.write("half")
        #expect(try scratch.text("a") == "one\n")
        throw Interrupted()
      }
    }
    #expect(try scratch.text("a") == "one\n")
    #expect(try scratch.names() == ["a"])
  }

  @Test func aDraftIsThereAsAWholeOrNotAtAll() throws {
    try AtomicFile.write("one\n", to: scratch.file("a"))
    do {
      let dropped = try FileDraft(scratch.file("a"))
      try dropped.write(Array("half".utf8))
    }
    #expect(try scratch.names() == ["a"] && scratch.text("a") == "one\n")
    let draft = try FileDraft(scratch.file("a"))
    try draft.write(Array("two".utf8))
    try draft.write(Array("\n".utf8))
    #expect(try scratch.text("a") == "one\n")
    try draft.commit()
    #expect(try scratch.names() == ["a"] && scratch.text("a") == "two\n")
  }

  @Test func errorsNameFileAndReason() throws {
    #expect { try AtomicFile.write("x", to: scratch.file("missing/a")) } throws: { error in
      let failure = error as? Failure
      return failure?.code == .inputOutput && failure!.message.contains("missing")
        && failure!.message.contains("No such file or directory")
    }
  }

  @Test func digestIsThatOfTheBytes() throws {
    let writer = try FileWriter(scratch.file("a"))
    try writer.write("ab")
    try writer.write("c")
    // FIPS 180-4, the example "abc".
    #expect(try writer.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try FileReader(scratch.file("a")).digest() == SHA256.hex(of: "abc"))
  }
}

extension SHA256 {
  fileprivate static func hex(of text: String) -> String { Array(text.utf8).withUnsafeBytes { hex(of: $0) } }
}
