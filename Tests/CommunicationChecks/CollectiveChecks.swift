// The contract of every collective, checked on whatever group runs it: each rank knows what it must get.

import Communication
import Failures

/// What every communicator must do, whatever carries it.
package enum CollectiveChecks {
  /// Calls every collective with many sizes.
  ///
  /// - Throws: a `Failure` that names the first result that is wrong.
  package static func run(_ group: any Communicator) throws {
    try require(group.rank >= 0 && group.rank < group.size, "rank")
    try require(group.nodeRank >= 0 && group.nodeRank < group.nodeSize && group.nodeSize <= group.size, "node rank")
    try require(!group.hostName.isEmpty, "host name")
    try reductions(group)
    try broadcasts(group)
    try gathers(group)
    try values(group)
    try exchanges(group)
    try group.agree(on: "the same", what: "the text")
    try group.barrier()
  }

  private static func reductions(_ group: any Communicator) throws {
    let (p, r) = (Int64(group.size), Int64(group.rank))
    for count in [0, 1, 7, 3000] {
      let mine = (0..<Int64(count)).map { ($0 - 5) * (r + 1) + (1 << 40) * r }
      let ranks = Array(0..<p)
      func reduced(_ call: (UnsafeMutableBufferPointer<Int64>) throws -> Void) throws -> [Int64] {
        var values = mine
        try values.withUnsafeMutableBufferPointer { try call($0) }
        return values
      }
      func value(_ i: Int, _ rank: Int64) -> Int64 { (Int64(i) - 5) * (rank + 1) + (1 << 40) * rank }
      let indices = Array(0..<count)
      try require(
        reduced { try group.allReduceSum($0) } == indices.map { i in ranks.reduce(0) { $0 + value(i, $1) } }, "sum")
      try require(
        reduced { try group.allReduceMaximum($0) } == indices.map { i in ranks.map { value(i, $0) }.max()! }, "maximum")
      try require(
        reduced { try group.allReduceMinimum($0) } == indices.map { i in ranks.map { value(i, $0) }.min()! }, "minimum")
      try require(group.sum(mine) == indices.map { i in ranks.reduce(0) { $0 + value(i, $1) } }, "sum of an array")
    }
    // Small whole numbers: exact in any order.
    for count in [0, 1, 3000] {
      var values = (0..<count).map { Float($0 - 5) * Float(r + 1) }
      try values.withUnsafeMutableBufferPointer { try group.allReduceSum($0) }
      try require(values == (0..<count).map { Float($0 - 5) * Float(p * (p + 1) / 2) }, "sum of Floats")
    }
    try require(group.sum(group.rank + 1) == group.size * (group.size + 1) / 2, "sum of one")
    try require(group.maximum(-group.rank) == 0, "maximum of one")
    try require(group.minimum(-group.rank) == 1 - group.size, "minimum of one")
  }

  private static func broadcasts(_ group: any Communicator) throws {
    for root in 0..<group.size {
      for count in [0, 1, 100_000] {
        let wanted = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ root) }
        var bytes = group.rank == root ? wanted : [UInt8](repeating: 0xEE, count: count)
        try bytes.withUnsafeMutableBytes { try group.broadcast($0, from: root) }
        try require(bytes == wanted, "broadcast of \(count) bytes from \(root)")
      }
      try require(
        group.broadcast("λ = 0.5 says \(group.rank)", from: root) == "λ = 0.5 says \(root)", "broadcast of a text")
      try require(group.broadcast(Double(group.rank) + 0.25, from: root) == Double(root) + 0.25, "broadcast of a value")
    }
  }

  /// Values with structure: rank 0's alone, and everybody's.
  private static func values(_ group: any Communicator) throws {
    struct Value: Codable, Equatable {
      let text: String
      let numbers: [Int]
    }
    func value(_ rank: Int) -> Value { Value(text: "λ of \(rank)", numbers: Array(0..<rank)) }
    try require(group.fromRoot { value(group.rank) } == value(0), "value of rank 0")
    try require(group.fromRoot { group.rank == 0 }, "truth of rank 0")
    try require(group.allGather(coded: value(group.rank)) == (0..<group.size).map(value), "all-gather of values")
    do {
      _ = try group.fromRoot { () -> Bool in throw Failure(.badData, "rank \(group.rank) fails") }
    } catch let failure as Failure {
      try require(failure.code == .badData && failure.message == "rank 0 fails", "failure of rank 0")
      return
    }
    throw Failure(.internal, "check of a failure of rank 0")
  }

  private static func gathers(_ group: any Communicator) throws {
    func bytes(_ rank: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ rank &* 7) } }
    // Nothing at all, nothing on some ranks, different lengths, and many.
    for shape in 0..<4 {
      let counts = (0..<group.size).map { [0, $0 % 2 * 3, 5 * $0 + 1, 70_000 + $0][shape] }
      let wanted = (0..<group.size).map { bytes($0, counts[$0]) }
      let mine = wanted[group.rank]
      var gathered = [UInt8](repeating: 0xEE, count: counts.reduce(0, +) + 3)
      try mine.withUnsafeBytes { own in
        try gathered.withUnsafeMutableBytes { try group.allGather(own, into: $0, counts: counts) }
      }
      try require(gathered == wanted.flatMap { $0 } + [0xEE, 0xEE, 0xEE], "all-gather \(shape)")
      try require(group.allGather(mine) == wanted, "all-gather \(shape) of unknown lengths")

      // In place: this rank's bytes lie where they belong.
      let place = BlockList(counts: counts)[group.rank]
      var inPlace = [UInt8](repeating: 0xEE, count: counts.reduce(0, +))
      inPlace.replaceSubrange(place, with: mine)
      try inPlace.withUnsafeMutableBytes {
        try group.allGather(
          UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[place]), into: $0, counts: counts)
      }
      try require(inPlace == wanted.flatMap { $0 }, "all-gather \(shape) in place")
    }
  }

  private static func exchanges(_ group: any Communicator) throws {
    let (p, r) = (group.size, group.rank)
    for scale in [0, 1, 3, 4000] {
      // Rank s sends to d: (s + 2 d) mod 4 times scale numbers that tell where from, where to and which.
      func count(_ s: Int, _ d: Int) -> Int { (s + 2 * d) % 4 * scale }
      func block(_ s: Int, _ d: Int) -> [Float] { (0..<count(s, d)).map { Float(s * 1_000_000 + d * 100_000 + $0) } }
      // Sent blocks lie in reverse order with gaps of one, to use the displacements.
      var blocks = BlockList(ranks: p)
      var values: [Float] = []
      for d in (0..<p).reversed() {
        values.append(-1)
        blocks.counts[d] = count(r, d)
        blocks.displacements[d] = values.count
        values += block(r, d)
      }
      let receivedBlocks = BlockList(counts: (0..<p).map { count($0, r) })
      var received = [Float](repeating: -2, count: receivedBlocks.counts.reduce(0, +) + 1)
      try values.withUnsafeBufferPointer { sent in
        try received.withUnsafeMutableBufferPointer { try group.exchange(sent, blocks, into: $0, receivedBlocks) }
      }
      try require(received == (0..<p).flatMap { block($0, r) } + [-2], "exchange of \(scale)")
    }
  }

  private static func require(_ holds: @autoclosure () throws -> Bool, _ what: String) throws {
    guard try holds() else { throw Failure(.internal, "check of \(what)") }
  }
}
