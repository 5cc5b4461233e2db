// What a launch of ranks measured of its machine, and how several launches together tell the facts of a node.
//
// Of each fact the launch counts that shows it best: the bandwidth of a node where most threads read, that of a core where one
// read alone; the latency of a collective, taken apart into the messages that `NodeFacts.collective` counts,
//
//   one node:    α₁ = t / ⌈log₂ R⌉           several:  α = (t − α₁ ⌈log₂ ρ⌉) / ⌈log₂ N⌉
//
// and the bytes a second between nodes from an exchange of gradients of P Floats along the tree, as `StepModel` counts it.

/// Measured by all ranks of a launch at the same time.
package struct MachineReading: Codable, Equatable, Sendable {
  /// Cores of a node that the ranks may use.
  package let cores: Int
  /// Bytes a second from and to memory: of all threads of a node, and of one thread of each rank.
  package let bandwidth: Double, coreBandwidth: Double
  /// Bytes of the last-level cache.
  package let cache: Double
  /// Seconds of an empty parallel loop of the launch's threads; nil for one thread.
  package let loop: Double?
  /// Seconds of a sum of a few numbers, and of one of `floats` numbers, over all ranks; nil for one rank.
  package let smallSum: Double?, longSum: Double?
  package let floats: Int
  /// Of one thread of the slowest rank.
  package let times: PassTimes

  package init(
    cores: Int, bandwidth: Double, coreBandwidth: Double, cache: Double, loop: Double?, smallSum: Double?,
    longSum: Double?, floats: Int, times: PassTimes
  ) {
    self.cores = cores
    self.bandwidth = bandwidth
    self.coreBandwidth = coreBandwidth
    self.cache = cache
    self.loop = loop
    self.smallSum = smallSum
    self.longSum = longSum
    self.floats = floats
    self.times = times
  }
}

extension NodeFacts {
  /// The facts that some launches tell together; nil without any.
  ///
  /// Latencies of launches with more threads than cores say how long a rank waits for a core, and do not count.
  package init?(_ readings: [(layout: RankLayout, reading: MachineReading)]) {
    guard let cores = readings.map(\.reading.cores).max() else { return nil }
    self.init(
      cores: cores, bandwidth: readings.map(\.reading.bandwidth).max() ?? 0,
      coreBandwidth: readings.map(\.reading.coreBandwidth).max() ?? 0,
      cache: readings.map(\.reading.cache).max() ?? 0)
    let quiet = readings.filter { $0.layout.ranksPerNode * $0.layout.threads <= cores }
    func middle(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2] }
    loop =
      middle(quiet.compactMap { layout, reading in reading.loop.map { $0 / Self.doublings(layout.threads) } }) ?? loop
    localLatency =
      middle(
        quiet.filter { $0.layout.nodes == 1 && $0.layout.ranks > 1 }.compactMap { layout, reading in
          reading.smallSum.map { $0 / Self.doublings(layout.ranks) }
        }) ?? localLatency
    let far = quiet.filter { $0.layout.nodes > 1 }
    latency =
      middle(
        far.compactMap { [localLatency] layout, reading in
          reading.smallSum.map {
            max(0, $0 - localLatency * Self.doublings(layout.ranksPerNode)) / Self.doublings(layout.nodes)
          }
        }) ?? latency
    networkBandwidth =
      middle(
        far.compactMap { [latency, bandwidth] layout, reading in
          guard let seconds = reading.longSum else { return nil }
          let (ranks, local) = (Double(layout.ranks), Double(layout.ranksPerNode))
          // A sum of one subtree a rank is sent twice: as parts and as a total.
          let sent = 8 * Double(reading.floats) * local
          let left = seconds - 2 * (ranks - 1) * latency - 2 * sent / bandwidth
          return left > 0 ? sent * (ranks - local) / ranks / left : nil
        }) ?? networkBandwidth
  }
}
