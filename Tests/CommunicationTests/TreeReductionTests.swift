import Communication
import CommunicationChecks
import LocalRanks
import Parallelism
import Testing

@Suite struct TreeReductionTests {
  /// 1 to 17 shards, long and short vectors: each bit as by the recursion that defines the tree.
  @Test(arguments: 1...8) func theSameBitsOnAnyNumberOfRanks(size: Int) throws {
    let digests = try LocalGroup.run(size: size) { try TreeChecks.run($0) }
    #expect(Set(digests) == [try TreeChecks.run(SoloCommunicator())])
  }

  /// The values would tell: another order of the sum has other bits.
  @Test func theOrderIsSeen() {
    let shards = 16
    let differing = (0..<1000).filter { i in
      let inOrder = (0..<shards).reduce(Float(0)) { $0 + TreeChecks.leaf($1, i) }
      return inOrder != TreeChecks.expected(0, shards, shards, i)
    }
    #expect(differing.count > 300)
  }

  @Test func noShards() throws {
    let layout = ShardLayout(batchSize: 0, shardSize: 8)
    let totals = try LocalGroup.run(size: 3) { group in
      let reduction = TreeReduction(communicator: group)
      var result: [Float] = [1, 2, 3]
      try result.withUnsafeMutableBufferPointer { try reduction.sum([], layout: layout, into: $0) }
      let none = UnsafeBufferPointer<Double>(start: nil, count: 0)
      #expect(try reduction.total(none, width: 2, layout: layout) { _, _ in }.isEmpty)
      return result
    }
    #expect(totals == [[0, 0, 0], [0, 0, 0], [0, 0, 0]])
  }

  /// A rank asks, whoever it is and whether it brings shards or not: all stop at the same sum, and at no other.
  @Test(arguments: [1, 2, 3, 5]) func allRanksStopTogether(size: Int) throws {
    for (asking, shards) in [(0, 13), (size - 1, 13), (0, 1), (size - 1, 1), (size / 2, 0)] {
      let layout = ShardLayout(batchSize: shards * 8, shardSize: 8)
      let sums = try LocalGroup.run(size: size) { group in
        let reduction = TreeReduction(communicator: group)
        let stop = StopAgreement()
        var sums = 0
        if group.rank == asking { stop.request = { sums == 4 ? .signal : .none } }
        let own = [Double](repeating: 1, count: 2 * reduction.ownNodes(of: layout).count)
        do {
          while true {
            let total = try own.withUnsafeBufferPointer {
              Array(
                try reduction.total($0, width: 2, layout: layout, asking: stop) { a, b in
                  a[0] += b[0]
                  a[1] += b[1]
                })
            }
            let nodes = (0..<size).map { SummationTree.maximalSubtrees(of: layout.shards(of: $0, size: size)).count }
            let expected = Double(nodes.reduce(0, +))
            #expect(total == (shards == 0 ? [] : [expected, expected]))
            sums += 1
          }
        } catch let interruption as Interruption {
          #expect(interruption.request == .signal)
        }
        return sums
      }
      #expect(sums == [Int](repeating: 4, count: size))
    }
  }

  /// However the shards are cut into runs, the parentheses are those of the leaves.
  @Test(arguments: 1...17) func reductionInPlace(shards: Int) {
    func text(_ first: Int, _ count: Int) -> String? {
      guard first < shards else { return nil }
      guard count > 1 else { return "\(first)" }
      let left = text(first, count / 2)!
      return text(first + count / 2, count / 2).map { "(\(left)+\($0))" } ?? left
    }
    let whole = text(0, TreeChecks.paddedCount(shards))
    for size in 1...shards {
      let layout = ShardLayout(batchSize: shards, shardSize: 1)
      let nodes = (0..<size).flatMap { SummationTree.maximalSubtrees(of: layout.shards(of: $0, size: size)) }
      var parts = nodes.map { text($0.shards.lowerBound, $0.shards.count)! }
      SummationTree.reduceInPlace(nodes: nodes) { parts[$0] = "(\(parts[$0])+\(parts[$1]))" }
      #expect(parts[0] == whole)
    }
  }
}
