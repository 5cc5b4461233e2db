// Sums over shards on whatever group runs them, against a recursion written down from the definition of the tree.

import Communication
import Digests
import Failures
import Parallelism

/// What a `TreeReduction` must give, whatever the group.
package enum TreeChecks {
  /// Sums for 1 to `shards` shards, long and short vectors, several block lengths; compares each bit.
  ///
  /// - Returns: the hexadecimal digest of all totals: the same for every group.
  /// - Throws: a `Failure` that names the first total that is wrong.
  package static func run(_ group: any Communicator, shards: Int = 17) throws -> String {
    var digest = SHA256()
    let lengths = [1, 17, 1000, 5000]
    let reductions = [16, 80, 1 << 18].map { TreeReduction(communicator: group, blockLength: $0) }
    for shardCount in 1...shards {
      let layout = ShardLayout(batchSize: shardCount * 8 - 3, shardSize: 8)
      for length in lengths {
        let wanted = (0..<length).map { expected(0, paddedCount(shardCount), shardCount, $0)! }
        for (i, reduction) in reductions.enumerated() {
          let total = try sum(reduction, layout, length, inPlace: i == 1)
          guard total.map(\.bitPattern) == wanted.map(\.bitPattern) else {
            throw Failure(.internal, "check of the tree sum of \(shardCount) shards, length \(length), blocks \(i)")
          }
        }
        wanted.withUnsafeBytes { digest.update($0) }
      }
      let moments = try self.moments(reductions[0], layout)
      let wanted = merged(0, paddedCount(shardCount), shardCount)!
      guard moments.map(\.bitPattern) == wanted.map(\.bitPattern) else {
        throw Failure(.internal, "check of the moments of \(shardCount) shards")
      }
      moments.withUnsafeBytes { digest.update($0) }
    }
    let hex = digest.hex()
    try group.agree(on: hex, what: "the digest of the tree sums", code: .internal)
    return hex
  }

  /// This rank brings the sums of its subtrees; the total.
  private static func sum(
    _ reduction: TreeReduction, _ layout: ShardLayout, _ length: Int, inPlace: Bool
  ) throws -> [Float] {
    let nodes = reduction.ownNodes(of: layout)
    let buffers = nodes.map { node in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: length)
      for i in 0..<length {
        buffer[i] = expected(node.shards.lowerBound, node.shards.count, layout.shardCount, i)!
      }
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    if inPlace, let first = buffers.first {
      try reduction.sum(buffers, layout: layout, into: first)
      return Array(first)
    }
    var result = [Float](repeating: .nan, count: length)
    try result.withUnsafeMutableBufferPointer { try reduction.sum(buffers, layout: layout, into: $0) }
    return result
  }

  /// Count, mean and M2 of three channels over all shards, by Chan's formula.
  private static func moments(_ reduction: TreeReduction, _ layout: ShardLayout) throws -> [Double] {
    let own = reduction.ownNodes(of: layout).flatMap {
      merged($0.shards.lowerBound, $0.shards.count, layout.shardCount)!
    }
    return try own.withUnsafeBufferPointer {
      Array(try reduction.total($0, width: 9, layout: layout) { a, b in chan(a, b) })
    }
  }

  /// A number between 2^-20 and 2^21 of either sign, by shard and index.
  package static func leaf(_ shard: Int, _ i: Int) -> Float {
    var z = UInt64(shard &* 1_000_003 &+ i) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    let exponent = UInt32(z & 0xFFFF) % 41 + 107
    return Float(bitPattern: UInt32(z >> 63) << 31 | exponent << 23 | UInt32(z >> 20 & 0x7F_FFFF))
  }

  /// The least power of two that is not below `count`.
  package static func paddedCount(_ count: Int) -> Int {
    var padded = 1
    while padded < count { padded *= 2 }
    return padded
  }

  /// The sum of shards `first ..< first + count` of those below `shards`: left half + right half, absent ones skipped.
  package static func expected(_ first: Int, _ count: Int, _ shards: Int, _ i: Int) -> Float? {
    guard first < shards else { return nil }
    guard count > 1 else { return leaf(first, i) }
    let left = expected(first, count / 2, shards, i)!
    guard let right = expected(first + count / 2, count / 2, shards, i) else { return left }
    return left + right
  }

  private static func merged(_ first: Int, _ count: Int, _ shards: Int) -> [Double]? {
    guard first < shards else { return nil }
    guard count > 1 else {
      return (0..<3).flatMap {
        [8.0 + Double(first % 3), Double(leaf(first, $0)), Double(leaf(first, 9 + $0).magnitude)]
      }
    }
    var left = merged(first, count / 2, shards)!
    guard let right = merged(first + count / 2, count / 2, shards) else { return left }
    left.withUnsafeMutableBufferPointer { a in
      right.withUnsafeBufferPointer { chan(a.baseAddress!, $0.baseAddress!) }
    }
    return left
  }

  private static func chan(_ a: UnsafeMutablePointer<Double>, _ b: UnsafePointer<Double>) {
    for channel in 0..<3 {
      let (a, b) = (a + 3 * channel, b + 3 * channel)
      let count = a[0] + b[0]
      let delta = b[1] - a[1]
      a[1] += delta * (b[0] / count)
      a[2] += b[2] + delta * delta * (a[0] * b[0] / count)
      a[0] = count
    }
  }
}
