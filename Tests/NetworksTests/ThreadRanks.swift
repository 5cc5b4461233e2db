// Ranks as threads of one process: each contributes the sums of its maximal subtrees, and all get the same total.

import Classification
import Foundation
import Networks
import Parallelism
import Synchronization

/// A group of ranks that reduce together.
final class ThreadRanks: @unchecked Sendable {
  let size: Int
  private let condition = NSCondition()
  private var arrived = 0
  private var round = 0
  private var parts: [(node: TreeNode, value: [Double])] = []
  private var total: [Double] = []

  init(size: Int) { self.size = size }

  /// Runs `body(rank, reduction)` on a thread a rank; the results by rank.
  func run<Value>(_ body: @escaping (Int, any BatchReduction) throws -> Value) throws -> [Value] {
    let results = Results<Value>(size: size)
    let threads = (0..<size).map { rank in
      let work = Work { results.set(rank, Swift.Result { try body(rank, Rank(group: self)) }) }
      let thread = Thread { work.body() }
      thread.stackSize = 8 << 20
      return thread
    }
    for thread in threads { thread.start() }
    return try results.wait().map { try $0.get() }
  }

  /// Waits for all ranks' parts of a sum and returns it.
  fileprivate func total(
    of mine: [(node: TreeNode, value: [Double])], width: Int, _ kind: PartialSum
  ) -> [Double] {
    condition.lock()
    defer { condition.unlock() }
    parts += mine
    arrived += 1
    let thisRound = round
    if arrived == size {
      parts.sort { $0.node.shards.lowerBound < $1.node.shards.lowerBound }
      total = SummationTree.reduce(parts) { merge(&$0, $1, width, kind) }!
      (parts, arrived) = ([], 0)
      round += 1
      condition.broadcast()
    } else {
      while round == thisRound { condition.wait() }
    }
    return total
  }

  /// One rank's end of the group.
  private final class Rank: BatchReduction {
    let group: ThreadRanks
    init(group: ThreadRanks) { self.group = group }

    func reduce(_ leaves: UnsafeMutablePointer<Double>, width: Int, _ kind: PartialSum, over slice: BatchSlice) {
      func leaf(_ shard: Int) -> [Double] {
        Array(UnsafeBufferPointer(start: leaves + (shard - slice.shards.lowerBound) * width, count: width))
      }
      let mine = SummationTree.maximalSubtrees(of: slice.shards).map { node in
        let parts = node.shards.clamped(to: slice.shards).map { (node: TreeNode(level: 0, index: $0), value: leaf($0)) }
        return (node: node, value: SummationTree.reduce(parts) { merge(&$0, $1, width, kind) }!)
      }
      let total = group.total(of: mine, width: width, kind)
      for i in 0..<width { leaves[i] = total[i] }
    }
  }

  private struct Work: @unchecked Sendable { let body: () -> Void }
}

private func merge(_ a: inout [Double], _ b: [Double], _ width: Int, _ kind: PartialSum) {
  a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeBufferPointer { kind.merge(a.baseAddress!, $0.baseAddress!, width: width) }
  }
}

/// What the threads leave.
private final class Results<Value>: @unchecked Sendable {
  private let condition = NSCondition()
  private var values: [Swift.Result<Value, any Error>?]

  init(size: Int) { values = Array(repeating: nil, count: size) }

  func set(_ rank: Int, _ value: Swift.Result<Value, any Error>) {
    condition.lock()
    values[rank] = value
    condition.broadcast()
    condition.unlock()
  }

  func wait() -> [Swift.Result<Value, any Error>] {
    condition.lock()
    defer { condition.unlock() }
    while values.contains(where: { $0 == nil }) { condition.wait() }
    return values.map { $0! }
  }
}
