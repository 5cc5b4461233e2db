// The time of a step from what it has to do and what it runs on.
//
// R ranks of T threads on N nodes, ρ = ⌈R / N⌉ on each; n images on the rank that has most of them, m = ⌈n / T⌉ on its busiest
// thread. A thread of a full node has b = min(b₁, B / min(ρT, cores)) bytes a second. Per pair of a forward pass and an input gradient,
//
//   F     bytes of packed filters that a rank reads (FilterLayer); 0 where a node's caches hold the filters of its ranks
//   pair  = p(m) − F₁(m) / b₀  +  F / (T' b)  +  loops · λ ⌈log₂ T⌉          T' = min(n, T) threads at work
//           and at least (F / T' + m·A) / b                                    A bytes of maps of an image
//
// where p is measured on one thread that had b₀, F₁ what it read then. More threads than cores take turns: times ρT / cores.
//
//   attack      pairs of the attack · pair        training     1.5 · views · pair
//   statistics  exchanges · (α₁ ⌈log₂ ρ⌉ + α ⌈log₂ N⌉) + d (R − 1) / b + d ρ (R − ρ) / β     d bytes that a rank brings, all exchanges
//   reduction   2 (R − 1) α' + 4P (s + 1) ρ (2 / B + (R − ρ) / (R β))        s subtrees of a rank; α' = α, on one node α₁
//   rest        (packed filters + 32 P) / (T b)                              optimizer and packing, each rank for itself
//
// What it leaves out: waiting for ranks that are late by chance, a network that others use, clocks that fall when all cores are
// busy. `docs/performance.md` says where it is off.

/// Predicts the time of steps.
package struct StepModel: Sendable {
  package let work: StepWork
  package let node: NodeFacts
  package let times: PassTimes
  /// By what times the computing and the rest were of what the formulas say, where a step was measured.
  package let scale: (computing: Double, rest: Double)

  package init(
    _ work: StepWork, node: NodeFacts, times: PassTimes,
    scale: (computing: Double, rest: Double) = (1, 1)
  ) {
    self.work = work
    self.node = node
    self.times = times
    self.scale = scale
  }

  /// The model of the same machine for a step of another batch.
  package func with(batch: Int) -> StepModel {
    StepModel(work.with(batch: batch), node: node, times: times, scale: scale)
  }

  /// The step of a layout.
  ///
  /// - Precondition: no more ranks than shards.
  package func estimate(_ layout: RankLayout) -> StepEstimate {
    let images = work.images(ofLargestOf: layout.ranks)
    let busy = layout.ranksPerNode * layout.threads
    let turns = max(1, Double(busy) / Double(node.cores)) * scale.computing
    let b = node.bandwidth(ofOneOf: busy)
    let pair = pair(images, layout, bandwidth: b)
    let loops = Double(work.loops) * node.loop * NodeFacts.doublings(layout.threads)
    let pairs = work.attackPairs + work.trainingPairs
    func phase(_ count: Double) -> Double {
      turns * (count * pair.arithmetic + count * pair.memory + count / pairs * loops)
    }
    return StepEstimate(
      layout: layout, batch: work.batch, attack: phase(work.attackPairs), training: phase(work.trainingPairs),
      statistics: statistics(layout, bandwidth: b), reduction: reduction(layout),
      rest: scale.rest * max(1, Double(busy) / Double(node.cores))
        * (Double(work.packedBytes) + 32 * Double(work.parameters)) / (Double(layout.threads) * b),
      arithmetic: turns * pairs * pair.arithmetic, memory: turns * pairs * pair.memory, loops: turns * loops)
  }

  /// A pair of passes on the busiest thread: arithmetic, and what memory adds to it.
  private func pair(_ images: Int, _ layout: RankLayout, bandwidth b: Double) -> (arithmetic: Double, memory: Double) {
    let own = (images + layout.threads - 1) / layout.threads
    let working = Double(min(images, layout.threads))
    let measured = times.seconds(own)
    let packed = Double(work.packedBytes)
    let then = packed > times.cache ? work.filters.bytes(images: own, threads: 1) / times.bandwidth : 0
    // A bandwidth that was measured too low must not leave nothing of the arithmetic.
    let arithmetic = max(measured - then, measured / 2)
    let isCached = packed * Double(layout.ranksPerNode) <= node.cache
    let filters =
      isCached ? 0 : work.filters.bytes(images: images, threads: layout.threads) / working / b
    let maps = isCached ? 0 : Double(own) * Double(work.forwardBytes + work.gradientBytes) / b
    return (arithmetic, max(filters, filters + maps - arithmetic))
  }

  private func statistics(_ layout: RankLayout, bandwidth b: Double) -> Double {
    let (ranks, local) = (Double(layout.ranks), Double(layout.ranksPerNode))
    guard ranks > 1 else { return 0 }
    let brought = 8 * Double(work.exchangedDoubles) * Double(work.subtrees(ofLargestOf: layout.ranks))
    let outside = layout.nodes > 1 ? brought * local * (ranks - local) / node.networkBandwidth : 0
    return Double(work.exchanges) * node.collective(layout) + brought * (ranks - 1) / b + outside
  }

  private func reduction(_ layout: RankLayout) -> Double {
    let (ranks, local) = (Double(layout.ranks), Double(layout.ranksPerNode))
    guard ranks > 1 else { return 0 }
    let sent = 4 * Double(work.parameters) * Double(work.subtrees(ofLargestOf: layout.ranks) + 1) * local
    let latency = layout.nodes > 1 ? node.latency : node.localLatency
    let outside = layout.nodes > 1 ? (ranks - local) / ranks / node.networkBandwidth : 0
    return 2 * (ranks - 1) * latency + sent * (2 / node.bandwidth + outside)
  }
}

/// Seconds of a step.
package struct StepEstimate: Codable, Equatable, Sendable {
  package let layout: RankLayout
  package let batch: Int
  /// By phase; the exchanges of batch norm are taken off attack and training.
  package let attack: Double, training: Double, statistics: Double, reduction: Double, rest: Double
  /// What attack and training are made of.
  package let arithmetic: Double, memory: Double, loops: Double

  package var seconds: Double { attack + training + statistics + reduction + rest }
  package var imagesPerSecond: Double { Double(batch) / seconds }

  /// What the time goes into, by name.
  package var causes: [(name: String, seconds: Double)] {
    [
      ("arithmetic", arithmetic), ("packed filters and maps from memory", memory), ("parallel loops", loops),
      ("exchanges of statistics", statistics), ("exchange of gradients", reduction), ("optimizer and packing", rest),
    ]
  }
}
