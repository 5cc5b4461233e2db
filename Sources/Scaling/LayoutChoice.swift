// Which ranks x threads suit a node: all ways to give every core a thread, predicted one by one.

/// The layouts of a number of nodes, fastest first.
package struct LayoutChoice: Sendable {
  package let estimates: [StepEstimate]

  /// Layouts of as many ranks on each node as divide its cores, none with more ranks than shards.
  ///
  /// Of layouts within a hundredth of each other the one with fewer ranks goes first: it takes less memory.
  package init(_ model: StepModel, nodes: Int) {
    let cores = max(1, model.node.cores)
    let layouts = (1...cores).filter { cores % $0 == 0 }.map { ranks in
      RankLayout(ranks: ranks * nodes, threads: cores / ranks, nodes: nodes)
    }
    let all = layouts.filter { $0.ranks <= model.work.mostRanks }.map(model.estimate)
    let least = all.map(\.seconds).min() ?? 0
    let best = all.filter { $0.seconds <= 1.01 * least }.min { $0.layout.ranks < $1.layout.ranks }
    estimates =
      (best.map { [$0] } ?? []) + all.filter { $0.layout != best?.layout }.sorted { $0.seconds < $1.seconds }
  }

  /// The fastest; nil where the nodes are more than the shards.
  package var best: StepEstimate? { estimates.first }

  /// Why `best` is faster than another layout: the cause that differs most, such as "exchanges of statistics 0.012 s
  /// against 0.4 s".
  package static func reason(_ best: StepEstimate, against other: StepEstimate) -> (
    cause: String, best: Double, other: Double
  )? {
    zip(best.causes, other.causes).map { ($0.name, $0.seconds, $1.seconds) }
      .filter { $0.2 > $0.1 }.max { $0.2 - $0.1 < $1.2 - $1.1 }
  }
}
