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
  // Kept from step to step, so that a step allocates nothing.
  private var parts: [Double] = []
  private var losses: [Double] = []
  private var counts: ClassCounts
  private var own: [UnsafeMutableBufferPointer<Float>] = []

  init(_ run: Run) {
    tree = run.tree
    stop = run.stop
    choice = run.recipe.engine.reduction
    gradient = ParameterBuffer(run.network.parameters)
    counts = ClassCounts(classCount: run.network.classCount)
  }

  /// Sums losses and counts over all ranks.
  ///
  /// - Returns: the counts of the global batch, Σ loss over its examples, and the sums of predictions that were asked for.
  /// - Throws: `Interruption` where a rank asks to stop.
  func reduce(_ report: StepReport, _ slice: BatchSlice) throws -> (
    counts: ClassCounts, lossSum: Double, predictions: [Int64]
  ) {
    let own = report.counts.flat
    let (classes, predictions) = (own.count, report.predictions)
    let width = 1 + classes + predictions.count
    parts.removeAll(keepingCapacity: true)
    for (place, node) in tree.ownNodes(of: slice.layout).enumerated() {
      losses.removeAll(keepingCapacity: true)
      for shard in node.shards { losses.append(report.shardLosses[shard - slice.shards.lowerBound]) }
      SummationTree.reduceLeaves(losses.count) { losses[$0] += losses[$1] }
      parts.append(losses[0])
      // Integers: exact in any order, so this rank's counts stand with its first node.
      for count in own { parts.append(place == 0 ? Double(count) : 0) }
      for sum in predictions { parts.append(place == 0 ? Double(sum) : 0) }
    }
    let total = try parts.withUnsafeBufferPointer {
      try tree.total($0, width: width, layout: slice.layout, asking: stop) { left, right in
        for i in 0..<width { left[i] += right[i] }
      }
    }
    counts.withUnsafeMutableBuffer { flat in
      for i in flat.indices { flat[i] = Int64(total[1 + i]) }
    }
    precondition(counts.total == Int64(slice.layout.batchSize), "an example was lost")
    return (counts, total[0], predictions.indices.map { Int64(total[1 + classes + $0]) })
  }

  /// Sums the gradients over all ranks, into `gradient`; what `gradients` holds may be used up.
  func reduce(_ gradients: GradientSum, _ slice: BatchSlice) throws {
    own.removeAll(keepingCapacity: true)
    for index in gradients.nodes.indices { own.append(gradients.part(index).values.elements) }
    switch choice {
    case .tree: try tree.sum(own, layout: slice.layout, into: gradient.values.elements)
    case .mpi: try tree.sumInRankOrder(own, layout: slice.layout, into: gradient.values.elements)
    }
  }
}
