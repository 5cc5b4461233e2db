// What the model says beyond what was measured: nodes of the kind at hand, or of one that is told, for up to 10,000 ranks.
//
// Strong: the study's batch on more and more ranks, as long as each has a shard. Weak: as many images for each thread as the smallest
// layout had. Ranks have the threads of the fastest layout of the study, and a node as many ranks as its cores hold.

import Scaling

/// Predictions for many ranks.
package struct ScalingExtrapolation: Sendable {
  /// By ranks; the first is what efficiencies are against.
  package let estimates: [StepEstimate]
  package let isWeak: Bool
  package let node: NodeFacts

  static let mostRanks = 10_000

  /// nil where the study has no model.
  ///
  /// - Parameter node: takes the place of the nodes that were measured.
  package init?(_ study: ScalingStudy, node: NodeFacts? = nil) {
    guard let fitted = study.model, let first = study.rows.first,
      let fastest = study.rows.filter({ !$0.takesTurns }).max(by: { $0.imagesPerSecond.mean < $1.imagesPerSecond.mean })
        ?? study.rows.first
    else { return nil }
    let model = StepModel(
      fitted.work, node: node ?? fitted.node, times: fitted.times, scale: fitted.scale)
    self.node = model.node
    isWeak = study.isWeak
    let threads = min(fastest.layout.threads, model.node.cores)
    let perNode = max(1, model.node.cores / threads)
    let share = max(1, first.batch * threads / first.layout.threadsInAll)
    estimates = Self.counts.compactMap { ranks in
      let own = model.with(batch: study.isWeak ? share * ranks : first.batch)
      guard ranks <= own.work.mostRanks else { return nil }
      return own.estimate(RankLayout(ranks: ranks, threads: threads, nodes: (ranks + perNode - 1) / perNode))
    }
  }

  private static var counts: [Int] { (0...13).map { 1 << $0 } + [mostRanks] }

  /// Images/s for each thread over those of the first.
  func efficiency(_ estimate: StepEstimate) -> Double {
    guard let first = estimates.first else { return .nan }
    let grown = Double(estimate.layout.threadsInAll) / Double(first.layout.threadsInAll)
    return estimate.imagesPerSecond / first.imagesPerSecond / grown
  }

  /// A row for each number of ranks.
  package var table: Table {
    var table = Table(
      ["ranks", "threads", "nodes", "batch", "step, s", "images/s", "efficiency %"].map { .number($0) }
        + [.text("what costs most beside arithmetic")],
      caption: "What the model says for more ranks, on nodes of \(nodeText).")
    for estimate in estimates {
      let cause = estimate.causes.dropFirst().max { $0.seconds < $1.seconds }
      table.add([
        .number("\(estimate.layout.ranks)"), .number("\(estimate.layout.threads)"), .number("\(estimate.layout.nodes)"),
        .number("\(estimate.batch)"), .number(Figures.short(estimate.seconds)),
        .number(Figures.short(estimate.imagesPerSecond)), .number(Figures.decimal(100 * efficiency(estimate), 1)),
        .text(cause.map { "\($0.name), \(Figures.short($0.seconds)) s" } ?? ""),
      ])
    }
    if !isWeak, let last = estimates.last {
      table.note(
        "A batch of \(last.batch) has shards for no more ranks; smaller shards (training.shards) or larger batches have."
      )
    }
    return table
  }

  /// The node in words.
  package var nodeText: String {
    "\(node.cores) core\(node.cores == 1 ? "" : "s"), \(Figures.short(node.bandwidth / 1e9)) GB/s "
      + "(\(Figures.short(node.coreBandwidth / 1e9)) a core), \(Figures.short(1e6 * node.localLatency)) us between ranks; between "
      + "nodes \(Figures.short(1e6 * node.latency)) us and \(Figures.short(node.networkBandwidth / 1e9)) GB/s"
  }
}
