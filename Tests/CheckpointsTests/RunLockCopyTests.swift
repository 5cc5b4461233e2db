// Directories of live runs that were copied or moved: the copy is free, the original stays its holder's, in doubt too.

import Checkpoints
import Failures
import Foundation
import Testing

@Suite struct RunLockCopyTests {
  let scratch = Scratch()
  private var files: FileManager { .default }

  init() throws { try files.createDirectory(atPath: scratch.file("run"), withIntermediateDirectories: false) }

  private func lock(_ directory: String) -> String { scratch.file("\(directory)/lock") }
  private func copy(_ from: String, to: String) throws {
    try files.copyItem(atPath: scratch.file(from), toPath: scratch.file(to))
  }
  private func move(_ from: String, to: String) throws {
    try files.moveItem(atPath: scratch.file(from), toPath: scratch.file(to))
  }

  private func expectInUse(_ directory: String, location: SourceLocation = #_sourceLocation) {
    let failure = #expect(throws: Failure.self, sourceLocation: location) { try RunLock.acquire(lock(directory)) }
    #expect(failure?.code == .cannotCreate, sourceLocation: location)
    #expect(failure?.message.contains("is in use by") == true, "\(failure?.message ?? "")", sourceLocation: location)
  }

  /// Takes the lock of a copy, and gives it back.
  private func expectFree(_ directory: String, original: String, location: SourceLocation = #_sourceLocation) throws {
    let taken = try RunLock.acquire(lock(directory))
    let note = try #require(taken.note, sourceLocation: location)
    #expect(note.contains("this directory is a copy"), "\(note)", sourceLocation: location)
    #expect(note.contains("(\(scratch.file(original)))"), "\(note)", sourceLocation: location)
    #expect(try scratch.names(directory) == ["lock"], sourceLocation: location)
    taken.release()
  }

  @Test func aCopyIsFreeAndTheOriginalIsNot() throws {
    let held = try RunLock.acquire(lock("run"))
    try copy("run", to: "copy")
    try expectFree("copy", original: "run")
    expectInUse("run")
    try held.check()
    try held.beat()
    // By another way to the same directory it is the same lock.
    try files.createSymbolicLink(atPath: scratch.file("link"), withDestinationPath: scratch.file("run"))
    expectInUse("link")
    // So it is under a second name of the same file.
    try files.createDirectory(atPath: scratch.file("linked"), withIntermediateDirectories: false)
    try files.linkItem(atPath: lock("run"), toPath: lock("linked"))
    expectInUse("linked")
    held.release()
    #expect(try RunLock.acquire(lock("run")).note == nil)
  }

  @Test func aCopyOfACopyAndOneWhoseOriginalIsGone() throws {
    let held = try RunLock.acquire(lock("run"))
    defer { held.release() }
    try copy("run", to: "first")
    try copy("first", to: "second")
    try copy("run", to: "third")
    try expectFree("second", original: "run")
    try files.removeItem(atPath: scratch.file("run"))
    try expectFree("third", original: "run")
  }

  @Test func aDirectoryThatWasMovedStaysItsHolders() throws {
    let held = try RunLock.acquire(lock("run"))
    try move("run", to: "moved")
    expectInUse("moved")
    // Its heartbeats arrive, so that other hosts see it alive too.
    try files.setAttributes([.modificationDate: Date.now - 1000], ofItemAtPath: lock("moved"))
    try held.beat()
    let beaten = try files.attributesOfItem(atPath: lock("moved"))[.modificationDate] as? Date
    #expect(try #require(beaten).timeIntervalSinceNow > -500)
    // It cannot go on where it was, and says so.
    #expect(throws: Failure.self) { try held.check() }
    try copy("moved", to: "copy")
    try expectFree("copy", original: "run")
    // A copy in the old place is a copy.
    try copy("moved", to: "run")
    expectInUse("moved")
    try expectFree("run", original: "run")
    expectInUse("moved")
  }

  @Test func aDeletedLockGetsNoHeartbeats() throws {
    let held = try RunLock.acquire(lock("run"))
    try files.removeItem(atPath: lock("run"))
    #expect(throws: Failure.self) { try held.beat() }
  }

  // MARK: - Holders that cannot be looked at

  /// Turns a lock into that of a process on another host, in place.
  private func makeForeign(_ directory: String, changing changes: [String: Any] = [:]) throws {
    let path = lock(directory)
    let before = try files.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    var record = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
    var process = try #require(record["process"] as? [String: Any])
    (process["host"], process["pid"]) = ("node7", 1)
    record["process"] = process
    for (key, value) in changes { record[key] = value }
    try JSONSerialization.data(withJSONObject: record).write(to: URL(fileURLWithPath: path))
    #expect(try files.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == before)
  }

  @Test func acrossHostsTheOriginalInItsPlaceTells() throws {
    let held = try RunLock.acquire(lock("run"))
    defer { held.release() }
    try makeForeign("run")
    try copy("run", to: "copy")
    try copy("run", to: "other")
    expectInUse("run")
    try expectFree("copy", original: "run")
    expectInUse("run")
    // Moved, nothing tells: in use until its heartbeat is old.
    try move("run", to: "moved")
    expectInUse("moved")
    expectInUse("other")
    // A copy in the old place proves nothing either, for neither of the two.
    try copy("moved", to: "run")
    expectInUse("moved")
    expectInUse("run")
    // Somebody else's run in the old place.
    try files.removeItem(atPath: scratch.file("run"))
    try files.createDirectory(atPath: scratch.file("run"), withIntermediateDirectories: false)
    let successor = try RunLock.acquire(lock("run"))
    defer { successor.release() }
    expectInUse("moved")
    expectInUse("run")
  }

  /// A file system that gives its files new numbers makes no original a copy.
  @Test func numbersThatChangeProveNothing() throws {
    let held = try RunLock.acquire(lock("run"))
    defer { held.release() }
    try makeForeign("run", changing: ["inode": 12_345])
    expectInUse("run")
    try copy("run", to: "copy")
    expectInUse("copy")
  }

  /// A lock of version 0.1.0 says neither where it lies nor which file it is; its holder has it open.
  @Test func locksOfVersion010() throws {
    let template = try RunLock.acquire(lock("run"))
    var record = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: lock("run")))) as? [String: Any])
    template.release()
    (record["path"], record["inode"]) = (nil, nil)
    try JSONSerialization.data(withJSONObject: record).write(to: URL(fileURLWithPath: lock("run")))
    let held = try #require(FileHandle(forUpdatingAtPath: lock("run")))
    try copy("run", to: "copy")
    expectInUse("run")
    let taken = try RunLock.acquire(lock("copy"))
    #expect(taken.note?.contains("this directory is a copy") == true)
    taken.release()
    try makeForeign("run")
    try copy("run", to: "foreign")
    expectInUse("foreign")
    try held.close()
  }
}
