// What a step sums over all ranks: the gradient, the losses and the counts, along the tree.

import Classification
import Communication
import Fairness
import Methods
import Networks
import Parallelism
import Recipes

/// The sums of one step, and the memory they are made in.
///
/// First the small ones, in one exchange at which the ranks also agree whether to stop, then the gradient.
final class StepSums {
  private let tree: TreeReduction
  private let stop: StopAgreement
  private let choice: ReductionChoice
  /// The total gradient of the last step; between steps, memory that others may use.
  let gradient: ParameterBuffer
  private var parts: [Double] = []

  init(_ run: Run) {
    tree = run.tree
    stop = run.stop
    choice = run.recipe.engine.reduction
    gradient = ParameterBuffer(run.network.parameters)
  }

  /// Sums losses and counts over all ranks.
  ///
  /// - Returns: the counts of the global batch and Σ loss over its examples.
  /// - Throws: `Interruption` where a rank asks to stop.
  func reduce(_ report: StepReport, _ slice: BatchSlice) throws -> (counts: ClassCounts, lossSum: Double) {
    let own = report.counts.flat
    let width = 1 + own.count
    parts.removeAll(keepingCapacity: true)
    for (place, node) in tree.ownNodes(of: slice.layout).enumerated() {
      let leaves = node.shards.map {
        (node: TreeNode(level: 0, index: $0), value: report.shardLosses[$0 - slice.shards.lowerBound])
      }
      parts.append(SummationTree.reduce(leaves) { $0 += $1 } ?? 0)
      // Integers: exact in any order, so this rank's counts stand with its first node.
      for count in own { parts.append(place == 0 ? Double(count) : 0) }
    }
    let total = try parts.withUnsafeBufferPointer {
      try tree.total($0, width: width, layout: slice.layout, asking: stop) { left, right in
        for i in 0..<width { left[i] += right[i] }
      }
    }
    let counts = ClassCounts(classCount: report.counts.classCount, flat: total.dropFirst().map { Int64($0) })
    precondition(counts.total == Int64(slice.layout.batchSize), "an example was lost")
    return (counts, total[0])
  }

  /// Sums the gradients over all ranks, into `gradient`.
  func reduce(_ gradients: GradientSum, _ slice: BatchSlice) throws {
    let own = gradients.nodes.indices.map { gradients.part($0).values.elements }
    switch choice {
    case .tree: try tree.sum(own.map { UnsafeBufferPointer($0) }, layout: slice.layout, into: gradient.values.elements)
    case .mpi: try tree.sumInRankOrder(own, layout: slice.layout, into: gradient.values.elements)
    }
  }
}
