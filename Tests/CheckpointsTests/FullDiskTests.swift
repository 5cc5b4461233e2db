import Checkpoints
import Failures
import Foundation
import Testing

/// A file system of 1 MiB in memory; nil where this user may not mount one.
private final class SmallDisk {
  let scratch = Scratch()
  var path: String { scratch.path }

  init?() {
    guard geteuid() == 0, mount("none", scratch.path, "tmpfs", 0, "size=1m") == 0 else { return nil }
  }

  deinit { umount2(scratch.path, Int32(MNT_DETACH)) }
}

private let canMount = SmallDisk() != nil

@Suite(.enabled(if: canMount, "needs the right to mount a tmpfs"))
struct FullDiskTests {
  private func isFull(_ error: any Error, _ words: String) -> Bool {
    (error as? Failure)?.code == .inputOutput && "\(error)".contains(words)
  }

  private func file(_ count: Int, claimed: Int) -> CheckpointFile {
    CheckpointFile("model.safetensors", byteCount: claimed) { writer in
      try [UInt8](repeating: 1, count: count).withUnsafeBytes { try writer.write($0) }
    }
  }

  @Test func aFullDiskCostsNoCheckpoint() throws {
    let disk = try #require(SmallDisk())
    let store = CheckpointStore(directory: disk.path + "/checkpoints")
    try store.write(step: 1, files: [file(300_000, claimed: 300_000)])
    #expect { try store.write(step: 2, files: [file(900_000, claimed: 900_000)]) } throws: { isFull($0, "free") }
    // One that grows beyond what it said meets the end of the disk.
    for step in [1, 2] {
      #expect { try store.write(step: step, files: [file(2_000_000, claimed: 1)]) } throws: {
        isFull($0, "model.safetensors: No space left on device")
      }
    }
    #expect(try disk.scratch.names("checkpoints") == ["step-1"])
    #expect(try store.newestWhole().checkpoint?.step == 1)
    try store.write(step: 2, files: [file(300_000, claimed: 300_000)])
    #expect(try store.newestWhole().checkpoint?.step == 2)
  }

  @Test func aFullDiskLeavesOldFilesAndWholeLines() throws {
    let disk = try #require(SmallDisk())
    let path = disk.path + "/state.json"
    try AtomicFile.write("old", to: path)
    #expect { try AtomicFile.write([UInt8](repeating: 1, count: 2_000_000), to: path) } throws: {
      isFull($0, "No space left on device")
    }
    #expect(try disk.scratch.text("state.json") == "old")

    let log = try LineLog(disk.path + "/log.txt")
    var lines = 0
    #expect {
      while true {
        try log.append(String(repeating: "x", count: 9_999))
        lines += 1
      }
    } throws: { isFull($0, "log.txt: No space left on device") }
    #expect(lines > 50)
    #expect(try disk.scratch.bytes("log.txt").count == lines * 10_000)
  }

  @Test func aReadOnlyDiskIsOneLine() throws {
    let disk = try #require(SmallDisk())
    #expect(mount("none", disk.path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "size=1m") == 0)
    #expect { try RunDirectory(disk.path + "/run").create() } throws: { error in
      (error as? Failure)?.code == .cannotCreate && "\(error)".contains("Read-only file system")
    }
  }
}
