import Communication
import CommunicationChecks
import Failures
import LocalRanks
import Testing

@Suite struct LocalGroupTests {
  @Test(arguments: [1, 2, 3, 5, 8]) func everyCollective(size: Int) throws {
    let hosts = try LocalGroup.run(size: size) { group in
      try CollectiveChecks.run(group)
      return group.hostName
    }
    #expect(hosts.count == size && Set(hosts).count == 1)
  }

  @Test func solo() throws {
    try CollectiveChecks.run(SoloCommunicator())
  }

  /// The others wait in a collective, or call one later: they end, and the cause is what is thrown.
  @Test(arguments: 0..<4) func aRankThatThrowsEndsTheGroup(bad: Int) {
    let failure = #expect(throws: Failure.self) {
      _ = try LocalGroup.run(size: 4) { group in
        try group.barrier()
        if group.rank == bad { throw Failure(.badData, "rank \(bad) cannot read") }
        _ = try group.sum(1)
      }
    }
    #expect(failure == Failure(.badData, "rank \(bad) cannot read"))
  }

  @Test func aRankThatReturnsEarlyEndsTheGroup() {
    let failure = #expect(throws: Failure.self) {
      _ = try LocalGroup.run(size: 3) { group in
        if group.rank != 1 { try group.barrier() }
      }
    }
    #expect(failure?.code == .internal)
    #expect(failure?.message.contains("rank 1 has left") == true)
  }

  @Test func collectivesThatDoNotMatch() {
    for differing in 0..<3 {
      let failure = #expect(throws: Failure.self) {
        _ = try LocalGroup.run(size: 3) { group in
          _ = group.rank == differing ? try group.sum(1) : try group.maximum(1)
        }
      }
      #expect(failure?.message.contains("do not match") == true)
    }
    let failure = #expect(throws: Failure.self) {
      _ = try LocalGroup.run(size: 2) { group in
        var blocks = BlockList(counts: [1, 1])
        blocks.counts[1 - group.rank] = group.rank
        let received = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2)
        defer { received.deallocate() }
        received.initialize(repeating: 0)
        let sent = [Float](repeating: 1, count: 2)
        try sent.withUnsafeBufferPointer { try group.exchange($0, blocks, into: received, BlockList(counts: [1, 1])) }
      }
    }
    #expect(failure?.message.contains("sends 0 numbers") == true)
  }

  @Test func contractsAtTheDoor() {
    let solo = SoloCommunicator()
    #expect(throws: Failure.self) { try solo.broadcast(UnsafeMutableRawBufferPointer(start: nil, count: 0), from: 1) }
    let bytes = [UInt8](repeating: 0, count: 4)
    var room = bytes
    #expect(throws: Failure.self) {
      try bytes.withUnsafeBytes { own in
        try room.withUnsafeMutableBytes { try solo.allGather(own, into: $0, counts: [3]) }
      }
    }
    #expect(throws: Failure.self) {
      try bytes.withUnsafeBytes { own in
        try room.withUnsafeMutableBytes {
          try solo.allGather(own, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<2]), counts: [4])
        }
      }
    }
  }

  @Test func differingRanksAreNamed() throws {
    let failure = #expect(throws: Failure.self) {
      _ = try LocalGroup.run(size: 12) { group in
        try group.agree(on: "same", what: "the version")
        try group.agree(on: group.rank == 3 || group.rank == 11 ? "a" : "b", what: "the recipe")
      }
    }
    #expect(failure?.code == .configuration)
    #expect(failure?.message.contains("the recipe differs from rank 0's on rank 3 (") == true)
    #expect(failure?.message.contains("rank 11 (") == true)
    #expect(failure?.message.contains("\n") == false)
    let many = #expect(throws: Failure.self) {
      _ = try LocalGroup.run(size: 12) { group in
        try group.agree(on: "\(group.rank)", what: "the digest", code: .internal, cure: "resume from a checkpoint")
      }
    }
    #expect(many?.code == .internal)
    #expect(many?.message.contains("and 3 more of 12 ranks; resume from a checkpoint") == true)
  }

  /// Frames of 64 KiB, 100 deep: more than the 2 MiB that threads get by some defaults.
  @Test func stacksAreBigEnough() throws {
    @Sendable func depth(_ n: Int) -> Int {
      withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) {
        $0[n] = 1
        return n == 0 ? 0 : 1 + depth(n - 1)
      }
    }
    #expect(try LocalGroup.run(size: 2) { _ in depth(100) } == [100, 100])
  }
}
