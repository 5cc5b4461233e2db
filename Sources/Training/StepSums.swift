// What a step sums over all ranks: the gradient and the losses along the tree, the counts as integers.

import Classification
import Communication
import Fairness
import Methods
import Networks
import Parallelism
import Recipes

/// The sums of one step, and the memory they are made in.
final class StepSums {
  private let communicator: any Communicator
  private let tree: TreeReduction
  private let choice: ReductionChoice
  /// The total gradient of the last step.
  private(set) var gradient: ParameterBuffer
  private var counts: [Int64]
  private var losses: [Double] = []

  init(_ run: Run) {
    communicator = run.communicator
    tree = run.tree
    choice = run.recipe.engine.reduction
    gradient = ParameterBuffer(run.network.parameters)
    counts = []
  }

  /// Sums over all ranks.
  ///
  /// - Returns: the counts of the global batch and Σ loss over its examples.
  func reduce(
    _ report: StepReport, _ gradients: GradientSum, _ slice: BatchSlice
  ) throws -> (counts: ClassCounts, lossSum: Double) {
    let own = gradients.nodes.indices.map { gradients.part($0).values.elements }
    switch choice {
    case .tree: try tree.sum(own.map { UnsafeBufferPointer($0) }, layout: slice.layout, into: gradient.values.elements)
    case .mpi: try tree.sumInRankOrder(own, layout: slice.layout, into: gradient.values.elements)
    }

    var total = report.counts
    try total.withUnsafeMutableBuffer { try communicator.allReduceSum($0) }
    precondition(total.total == Int64(slice.layout.batchSize), "an example was lost")
    return (total, try sum(report.shardLosses, slice))
  }

  /// Adds one number per shard along the tree.
  private func sum(_ values: [Double], _ slice: BatchSlice) throws -> Double {
    let nodes = tree.ownNodes(of: slice.layout)
    let parts = nodes.map { node in
      let leaves = node.shards.map {
        (node: TreeNode(level: 0, index: $0), value: values[$0 - slice.shards.lowerBound])
      }
      return SummationTree.reduce(leaves) { $0 += $1 } ?? 0
    }
    return try parts.withUnsafeBufferPointer { own in
      try tree.total(own, width: 1, layout: slice.layout) { $0[0] += $1[0] }.first ?? 0
    }
  }
}
