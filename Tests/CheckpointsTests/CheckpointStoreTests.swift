import Checkpoints
import Failures
import Foundation
import Testing

@Suite struct CheckpointStoreTests {
  let scratch = Scratch()
  var store: CheckpointStore { CheckpointStore(directory: scratch.file("run/checkpoints")) }

  /// A checkpoint of two files that say which step it is.
  @discardableResult
  func write(_ step: Int, note: String = "") throws -> Checkpoint {
    let weights = [TensorEntry("w", shape: [1000], values: [Float](repeating: Float(step), count: 1000))]
    return try store.write(
      step: step,
      files: [
        try CheckpointFile("model.safetensors", tensors: weights),
        CheckpointFile("state.json", Data("{\"step\":\(step)}\(note)".utf8)),
      ])
  }

  func flip(_ file: String, at place: Int) throws {
    var bytes = try scratch.bytes(file)
    bytes[place] ^= 0x10
    try scratch.write(file, bytes)
  }

  @Test func roundTrip() throws {
    #expect(try store.newestWhole().checkpoint == nil)
    let written = try write(20)
    try write(100)
    try write(3)
    #expect(written.directory == scratch.file("run/checkpoints/step-20"))
    #expect(try store.list().map(\.step) == [3, 20, 100])
    let found = try store.newestWhole()
    #expect(found.notes.isEmpty)
    let checkpoint = try #require(found.checkpoint)
    #expect(checkpoint.step == 100)
    let file = try SafetensorsFile(checkpoint.path(of: "model.safetensors"))
    #expect(try file.values("w") == [Float](repeating: 100, count: 1000))
    #expect(try scratch.names("run/checkpoints") == ["step-100", "step-20", "step-3"])
    #expect(try scratch.names("run/checkpoints/step-3") == ["DONE", "model.safetensors", "state.json"])
  }

  @Test func sha256sumReadsDONE() throws {
    let checkpoint = try write(7)
    for (damage, status) in [(false, Int32(0)), (true, 1)] {
      if damage { try flip("run/checkpoints/step-7/state.json", at: 0) }
      let check = Process()
      check.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
      check.arguments = ["--check", "--strict", "--status", "DONE"]
      check.currentDirectoryURL = URL(fileURLWithPath: checkpoint.directory)
      try check.run()
      check.waitUntilExit()
      #expect(check.terminationStatus == status)
    }
  }

  @Test func oneOfTheSameStepIsReplaced() throws {
    try write(5)
    try write(5, note: " again")
    #expect(try scratch.text("run/checkpoints/step-5/state.json") == "{\"step\":5} again")
    #expect(try scratch.names("run/checkpoints") == ["step-5"])
    #expect(try store.newestWhole().checkpoint?.step == 5)
  }

  /// At no moment of a write is there anything but the whole old checkpoints and a name that does not count.
  @Test func aKillAtAnyMomentLeavesTheOneBefore() throws {
    try write(1)
    var moments = 0
    func kill() throws {
      moments += 1
      let copy = scratch.file("killed-\(moments)/checkpoints")
      try FileManager.default.createDirectory(
        atPath: scratch.file("killed-\(moments)"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: store.directory, toPath: copy)
    }
    let half = { (writer: FileWriter) in
      try kill()
      try writer.write("half")
      try kill()
      try writer.write(" whole")
      try kill()
    }
    try store.write(
      step: 2,
      files: [CheckpointFile("a", byteCount: 10, write: half), CheckpointFile("b", byteCount: 10, write: half)])
    #expect(moments == 6)
    #expect(try store.newestWhole().checkpoint?.step == 2)
    for moment in 1...moments {
      let killed = CheckpointStore(directory: scratch.file("killed-\(moment)/checkpoints"))
      #expect(try killed.list().map(\.step) == [1])
      #expect(try killed.newestWhole().checkpoint?.step == 1)
      #expect(try killed.newestWhole().notes.isEmpty)
      #expect(try killed.removeLeftovers().count == 1)
      #expect(try scratch.names("killed-\(moment)/checkpoints") == ["step-1"])
    }
  }

  @Test func aFailingWriterLeavesNothing() throws {
    struct Interrupted: Error {}
    try write(1)
    for step in [1, 2] {
      #expect(throws: Interrupted.self) {
        try store.write(
          step: step,
          files: [
            CheckpointFile("a", Data("x".utf8)),
            CheckpointFile("b", byteCount: 1) { writer in
              try writer.write("y")
              throw Interrupted()
            },
          ])
      }
    }
    #expect(try scratch.names("run/checkpoints") == ["step-1"])
    #expect(try store.newestWhole().checkpoint?.step == 1)
  }

  @Test func leftoversAreDeletedOrPutBack() throws {
    try write(1)
    try write(2)
    // Killed between the two renames that replace step 2.
    try FileManager.default.moveItem(
      atPath: scratch.file("run/checkpoints/step-2"), toPath: scratch.file("run/checkpoints/.step-2.replaced-99"))
    // Killed while writing, while deleting, and a damaged one that was being replaced.
    try scratch.write("run/checkpoints/.step-3.partial-99/model.safetensors", [1, 2, 3])
    try scratch.write("run/checkpoints/.step-0.removed-99/DONE", [1, 2, 3])
    try scratch.write("run/checkpoints/.step-9.replaced-99/DONE", [1, 2, 3])
    // Not ours.
    try scratch.write("run/checkpoints/.step-3.notes", [1])
    try scratch.write("run/checkpoints/step-04/DONE", [1])
    try scratch.write("run/checkpoints/best.json", [1])
    #expect(try store.newestWhole().checkpoint?.step == 1)
    let notes = try store.removeLeftovers()
    #expect(notes.count == 4)
    #expect(notes.contains { $0.contains("step-2 is back") })
    #expect(try store.newestWhole().checkpoint?.step == 2)
    #expect(try scratch.names("run/checkpoints") == [".step-3.notes", "best.json", "step-04", "step-1", "step-2"])
    #expect(try store.removeLeftovers().isEmpty)
  }

  @Test(arguments: ["model.safetensors", "state.json", "DONE"])
  func aDamagedOneIsRefusedAndTheOneBeforeTaken(_ name: String) throws {
    try write(1)
    let size = try {
      try write(2)
      return try scratch.bytes("run/checkpoints/step-2/\(name)").count
    }()
    func refusesStep2(_ why: String) throws {
      let found = try store.newestWhole()
      #expect(found.checkpoint?.step == 1, "\(why)")
      #expect(found.notes.count == 1)
      #expect(found.notes[0].contains("run/checkpoints/step-2 is damaged") && found.notes[0].contains(name), "\(why)")
    }
    // One bit at every (of a long file: at every 97th) place.
    for place in stride(from: 0, to: size, by: size > 1000 ? 97 : 1) {
      try flip("run/checkpoints/step-2/\(name)", at: place)
      let found = try store.newestWhole()
      #expect(found.checkpoint?.step == 1, "bit at \(place)")
      #expect(found.notes.count == 1)
      try flip("run/checkpoints/step-2/\(name)", at: place)
    }
    #expect(try store.newestWhole().checkpoint?.step == 2)
    let whole = try scratch.bytes("run/checkpoints/step-2/\(name)")
    for length in stride(from: 0, to: size, by: size > 1000 ? 97 : 1) {
      try scratch.write("run/checkpoints/step-2/\(name)", whole.prefix(length))
      try refusesStep2("length \(length)")
    }
    try FileManager.default.removeItem(atPath: scratch.file("run/checkpoints/step-2/\(name)"))
    try refusesStep2("missing")
    #expect { _ = try Checkpoint.verify(scratch.file("run/checkpoints/step-2")) } throws: {
      ($0 as? Failure)?.code == .badData
    }
  }

  @Test func anotherStepUnderTheNameIsRefused() throws {
    try write(1)
    try FileManager.default.copyItem(
      atPath: scratch.file("run/checkpoints/step-1"), toPath: scratch.file("run/checkpoints/step-8"))
    let found = try store.newestWhole()
    #expect(found.checkpoint?.step == 1)
    #expect(found.notes.first?.contains("says step 1") == true)
  }

  @Test func retainsTheNewestAndTheNamed() throws {
    for step in [10, 20, 30, 40, 50] { try write(step) }
    #expect(store.retain(last: 2, alsoKeeping: [10, 99]).isEmpty)
    #expect(try store.list().map(\.step) == [10, 40, 50])
    #expect(store.retain(last: 2, alsoKeeping: [10]).isEmpty)
    #expect(store.retain(last: 9).isEmpty)
    #expect(try store.list().map(\.step) == [10, 40, 50])
    #expect(try scratch.names("run/checkpoints") == ["step-10", "step-40", "step-50"])
  }

  @Test func whatARestartMakesVoidIsSetAside() throws {
    for step in [1, 2, 3] { try write(step) }
    try flip("run/checkpoints/step-3/state.json", at: 0)
    #expect(try store.setAside(after: 2).count == 1)
    try write(3)
    try flip("run/checkpoints/step-3/state.json", at: 0)
    #expect(try store.setAside(after: 2).count == 1)
    #expect(
      try scratch.names("run/checkpoints") == ["set-aside-step-3", "set-aside-step-3.2", "step-1", "step-2"])
    #expect(try store.newestWhole().notes.isEmpty)
  }

  @Test func locatesByAnyOfThreeDirectories() throws {
    try write(1)
    try write(2)
    func step(_ path: String) throws -> Int? { try CheckpointStore.locate(scratch.file(path)).checkpoint?.step }
    #expect(try step("run") == 2)
    #expect(try step("run/") == 2)
    #expect(try step("run/checkpoints") == 2)
    #expect(try step("run/checkpoints/step-1") == 1)
    try FileManager.default.copyItem(
      atPath: scratch.file("run/checkpoints/step-1"), toPath: scratch.file("published"))
    #expect(try step("published") == 1)

    func message(_ path: String) -> String {
      do {
        _ = try CheckpointStore.locate(scratch.file(path))
        return "found"
      } catch {
        #expect(error.code == .badData)
        return error.message
      }
    }
    try flip("run/checkpoints/step-2/model.safetensors", at: 3000)
    #expect(message("run/checkpoints/step-2").contains("model.safetensors does not have the SHA-256"))
    #expect(try CheckpointStore.locate(scratch.file("run")).notes.count == 1)
    #expect(message("nowhere").contains("No such file or directory"))
    #expect(message("run/checkpoints/step-1/state.json").contains("is a file"))
    try scratch.write("other/x", [1])
    #expect(message("other").contains("no whole checkpoint: there is no step-N in it"))
    try FileManager.default.removeItem(atPath: scratch.file("run/checkpoints/step-1/DONE"))
    #expect(message("run").contains("step-2 is damaged"))
    #expect(message("run/checkpoints/step-1").contains("no file DONE"))
  }

  @Test func namesThatLeaveTheDirectoryAreRefused() throws {
    for name in ["../x", "a/b", "", ".x", "DONE", "a b", "a\n"] {
      #expect(throws: Failure.self) { try store.write(step: 1, files: [CheckpointFile(name, Data())]) }
    }
    #expect(throws: Failure.self) { try store.write(step: 1, files: []) }
    #expect(throws: Failure.self) { try store.write(step: -1, files: [CheckpointFile("a", Data())]) }
    let digest = String(repeating: "0", count: 64)
    try scratch.write("evil/DONE", Array("# checkpoint of step 1, 1 files\n\(digest)  ../../etc/passwd\n".utf8))
    #expect { _ = try Checkpoint.verify(scratch.file("evil")) } throws: { "\($0)".contains("not what was written") }
  }

  @Test func errorsCarryPathAndReason() throws {
    try scratch.write("run", [1])
    #expect { try write(1) } throws: { error in
      (error as? Failure)?.code == .cannotCreate && "\(error)".contains(scratch.file("run"))
    }
  }

  @Test func aCheckpointLargerThanTheDiskIsNotBegun() throws {
    try write(1)
    let begun = Flag()
    #expect {
      try store.write(step: 2, files: [CheckpointFile("a", byteCount: 1 << 55) { _ in begun.isSet = true }])
    } throws: { error in
      (error as? Failure)?.code == .inputOutput && "\(error)".contains("free") && "\(error)".contains("step 2")
    }
    #expect(!begun.isSet)
    #expect(try scratch.names("run/checkpoints") == ["step-1"])
  }
}

private final class Flag {
  var isSet = false
}
