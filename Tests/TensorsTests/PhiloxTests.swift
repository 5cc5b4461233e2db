import Parallelism
import Tensors
import Testing

@Suite struct PhiloxTests {
  /// Known answers of the authors' Random123 distribution (kat_vectors).
  @Test func knownAnswers() {
    #expect(
      Philox.block(SIMD4(0, 0, 0, 0), key: 0) == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox.block(SIMD4(repeating: .max), key: .max)
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.block(SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: 0x299F_31D0_A409_3822)
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  /// Integers fill their range: 3,000 draws below 10 give each value about 300 times.
  @Test func integersFillTheirRange() {
    let stream = RandomStream(seed: 3, purpose: .test)
    var counts = Array(repeating: 0, count: 10)
    for position in 0..<3000 { counts[stream.integer(below: 10, at: position)] += 1 }
    #expect(counts.allSatisfy { (200..<400).contains($0) }, "\(counts)")
    #expect((0..<64).allSatisfy { stream.integer(below: 1, at: $0) == 0 })
  }
}

@Suite struct SummationTreeTests {
  /// However the shards are split into runs, the parenthesised sum is the same text.
  @Test(arguments: 1...17) func anySplitGivesTheSameParentheses(shardCount: Int) {
    func text(_ cuts: [Int]) -> String? {
      var parts: [(node: TreeNode, value: String)] = []
      for (from, to) in zip(cuts, cuts.dropFirst()) {
        for node in SummationTree.maximalSubtrees(of: from..<to) {
          let leaves = node.shards.map { (node: TreeNode(level: 0, index: $0), value: "\($0)") }
          let value = SummationTree.reduce(leaves) { $0 = "(\($0)+\($1))" }!
          parts.append((node, value))
        }
      }
      return SummationTree.reduce(parts) { $0 = "(\($0)+\($1))" }
    }
    let leaves = Array(0...shardCount)
    let whole = text(leaves)
    for size in 1...shardCount {
      let layout = ShardLayout(batchSize: shardCount * 3 - 1, shardSize: 3)
      #expect(layout.shardCount == shardCount)
      #expect(text([0] + (0..<size).map { layout.shards(of: $0, size: size).upperBound }) == whole)
    }
  }

  /// Leaves that are added up as they come give the same text, in as many places as were asked for.
  @Test(arguments: 1...17) func leavesAsTheyCome(count: Int) {
    var places = Array(repeating: "", count: SummationTree.places(count))
    SummationTree.accumulate(
      count, leaf: { places[$1] = "\($0)" }, add: { places[$0] = "(\(places[$0])+\(places[$1]))" })
    let leaves = (0..<count).map { (node: TreeNode(level: 0, index: $0), value: "\($0)") }
    #expect(places[0] == SummationTree.reduce(leaves) { $0 = "(\($0)+\($1))" })
  }

  @Test func fiveShards() {
    let leaves = (0..<5).map { (node: TreeNode(level: 0, index: $0), value: "\($0)") }
    #expect(SummationTree.reduce(leaves) { $0 = "(\($0)+\($1))" } == "(((0+1)+(2+3))+4)")
  }
}
