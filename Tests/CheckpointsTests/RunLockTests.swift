import Checkpoints
import Failures
import Foundation
import Synchronization
import Testing

@Suite struct RunLockTests {
  let scratch = Scratch()
  var path: String { scratch.file("lock") }

  /// A number of a process that is gone.
  func deadPID() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  /// Writes the lock of somebody else: ours with some fields changed, and a heartbeat some seconds ago.
  func leave(_ changes: [String: Any], age: Double, name: String = "lock") throws {
    try Self.leave(changes, age: age, at: scratch.file(name))
  }

  static func leave(_ changes: [String: Any], age: Double, at path: String) throws {
    let own = path + ".template"
    let lock = try RunLock.acquire(own, job: "991")
    var record = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: own))) as! [String: Any]
    lock.release()
    var process = record["process"] as! [String: Any]
    for (key, value) in changes {
      if process[key] != nil { process[key] = value } else { record[key] = value }
    }
    record["process"] = process
    try JSONSerialization.data(withJSONObject: record).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.modificationDate: Date.now - age], ofItemAtPath: path)
  }

  func refusal(staleAfter: Double = 120) -> Failure? {
    do {
      _ = try RunLock.acquire(path, staleAfter: staleAfter)
      return nil
    } catch {
      return error as? Failure
    }
  }

  @Test func keepsASecondOneOut() throws {
    let lock = try RunLock.acquire(path, job: "77")
    #expect(lock.note == nil)
    let failure = try #require(refusal())
    #expect(failure.code == .cannotCreate)
    for word in ["pid \(getpid())", "(job 77)", "s ago", scratch.path, ProcessInfo.processInfo.hostName] {
      #expect(failure.message.contains(word))
    }
    try lock.beat()
    #expect(try scratch.names() == ["lock"])
    lock.release()
    lock.release()
    #expect(try scratch.names().isEmpty)
    #expect(try RunLock.acquire(path).note == nil)
    // Dropped, so released.
    #expect(try scratch.names().isEmpty)
  }

  @Test func beatsFromAnotherThread() throws {
    let lock = try RunLock.acquire(path)
    defer { lock.release() }
    #expect(lock.keepBeating(every: 0.01))
    try FileManager.default.setAttributes([.modificationDate: Date.now - 1000], ofItemAtPath: path)
    let deadline = Date.now + 120
    func age() throws -> Double {
      -(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as! Date).timeIntervalSinceNow
    }
    while try age() > 500 && Date.now < deadline { usleep(10_000) }
    #expect(try age() < 500)
  }

  @Test func takesOverFromADeadProcess() throws {
    let dead = try deadPID()
    try leave(["pid": dead], age: 0)
    let lock = try RunLock.acquire(path)
    #expect(
      lock.note
        == "taking over the lock of pid \(dead) on host \(ProcessInfo.processInfo.hostName) (job 991): that process is dead"
    )
    #expect(try scratch.names() == ["lock"])
    try lock.beat()
  }

  @Test func aZombieIsDead() throws {
    var child: pid_t = 0
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
    defer { free(arguments[0]) }
    #expect(posix_spawn(&child, "/bin/true", nil, nil, arguments, nil) == 0)
    // It ends, and nobody asks for its status.
    var info = siginfo_t()
    #expect(waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) == 0)
    #expect(kill(child, 0) == 0)
    try leave(["pid": child], age: 0)
    #expect(try RunLock.acquire(path).note?.contains("is dead") == true)
    waitpid(child, nil, 0)
  }

  @Test func aNumberGivenAgainIsNotTheHolder() throws {
    try leave(["start": "1"], age: 0)
    #expect(try RunLock.acquire(path).note?.contains("is dead") == true)
  }

  @Test func aLivingProcessHereIsNeverStale() throws {
    try leave([:], age: 10_000)
    // As a holder has its lock.
    let held = try #require(FileHandle(forReadingAtPath: path))
    defer { try? held.close() }
    #expect(refusal()?.message.contains("in use by pid \(getpid())") == true)
  }

  @Test func anotherHostIsJudgedByItsHeartbeat() throws {
    try leave(["host": "node7", "pid": 1], age: 60)
    let failure = try #require(refusal())
    #expect(failure.message.contains("pid 1 on host node7 (job 991)"))
    #expect(failure.message.contains("60 s ago") || failure.message.contains("61 s ago"))
    #expect(refusal(staleAfter: 30) == nil)
    try leave(["host": "node7", "pid": 1], age: 130)
    let lock = try RunLock.acquire(path)
    #expect(lock.note?.contains("node7 (job 991): its last heartbeat is 130 s old, the limit is 120 s") == true)
  }

  @Test func anUnreadableLockIsJudgedByItsAge() throws {
    for bytes in [[], Array("{\"token\":".utf8), [0xff, 0]] {
      try scratch.write("lock", bytes)
      #expect(refusal()?.code == .cannotCreate)
      try FileManager.default.setAttributes([.modificationDate: Date.now - 130], ofItemAtPath: path)
      let lock = try RunLock.acquire(path)
      #expect(lock.note != nil)
      lock.release()
    }
  }

  @Test func aHolderTakenForDeadFindsOutAndHarmsNothing() throws {
    let first = try RunLock.acquire(path)
    try leave(["host": "node7", "token": "gone"], age: 500, name: "other")
    // Somebody else's stale lock in place of ours, and a successor.
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: scratch.file("other"), toPath: path)
    let second = try RunLock.acquire(path)
    let contents = try scratch.text("lock")
    #expect { try first.beat() } throws: { ($0 as? Failure)?.code == .cannotCreate }
    #expect(throws: Failure.self) { try first.check() }
    first.release()
    #expect(try scratch.text("lock") == contents)
    try second.check()
  }

  @Test func aTakerThatDiedDoesNotBlockTheLock() throws {
    let dead = try deadPID()
    try leave(["pid": dead, "token": "t1"], age: 0)
    try leave(["pid": dead, "token": "t2"], age: 0, name: ".lock.claim-t1")
    try leave(["pid": dead, "token": "t3"], age: 0, name: ".lock.claim-t2")
    try leave(["pid": dead, "token": "t4"], age: 0, name: ".lock.candidate-t4")
    let lock = try RunLock.acquire(path)
    #expect(lock.note != nil)
    #expect(try scratch.names() == ["lock"])
    try lock.check()
  }

  @Test func aLivingTakerKeepsOthersOut() throws {
    try leave(["pid": try deadPID(), "token": "t1"], age: 0)
    try leave(["token": "t2"], age: 0, name: ".lock.claim-t1")
    let held = try #require(FileHandle(forReadingAtPath: scratch.file(".lock.claim-t1")))
    defer { try? held.close() }
    #expect(refusal()?.message.contains("being taken over") == true)
  }

  /// Many rounds of eight threads that want one lock: free, stale, or stale with a dead claim to it.
  @Test func ofManyTakersExactlyOneWins() throws {
    let dead = try deadPID()
    for round in 0..<60 {
      let path = scratch.file("lock-\(round)")
      if round % 3 > 0 { try Self.leave(["pid": dead, "token": "t1"], age: 0, at: path) }
      if round % 3 > 1 {
        try Self.leave(["pid": dead, "token": "t2"], age: 0, at: scratch.file(".lock-\(round).claim-t1"))
      }
      let won = Mutex<[RunLock]>([])
      let errors = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do {
          let lock = try RunLock.acquire(path)
          won.withLock { $0.append(lock) }
        } catch {
          errors.withLock { $0.append("\(error)") }
        }
      }
      let winners = won.withLock { $0 }
      #expect(winners.count == 1)
      try winners.first?.check()
      #expect(errors.withLock { $0.allSatisfy { $0.contains("in use by") || $0.contains("being taken over") } })
      winners.forEach { $0.release() }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    #expect(try scratch.names().isEmpty)
  }

  @Test func noPlaceForALockIsOneLine() throws {
    #expect { _ = try RunLock.acquire(scratch.file("missing/lock")) } throws: { error in
      (error as? Failure)?.code == .cannotCreate && "\(error)".contains("No such file or directory")
    }
  }
}
