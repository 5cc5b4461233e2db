// What a step of training runs on, as a few numbers: measured here, or told.

/// A node, and the network between nodes.
package struct NodeFacts: Codable, Equatable, Sendable {
  /// Cores of a node.
  package var cores: Int
  /// Bytes a second from and to memory, all cores of a node together, and one core alone.
  package var bandwidth: Double, coreBandwidth: Double
  /// Bytes of the last-level caches of a node.
  package var cache: Double
  /// Seconds of an empty parallel loop, for each doubling of the threads.
  package var loop: Double
  /// Seconds of a message between two ranks of a node.
  package var localLatency: Double
  /// Seconds of a message between two nodes, and the bytes a second of a node's way to the others.
  package var latency: Double, networkBandwidth: Double

  package init(
    cores: Int, bandwidth: Double, coreBandwidth: Double, cache: Double = 0, loop: Double = 2e-6,
    localLatency: Double = 1e-6, latency: Double = 2e-6, networkBandwidth: Double = 12e9
  ) {
    self.cores = cores
    self.bandwidth = bandwidth
    self.coreBandwidth = coreBandwidth
    self.cache = cache
    self.loop = loop
    self.localLatency = localLatency
    self.latency = latency
    self.networkBandwidth = networkBandwidth
  }

  /// A node with other cores of the same kind: what they share grows with them.
  package func grown(to cores: Int) -> NodeFacts {
    var node = self
    node.bandwidth *= Double(cores) / Double(self.cores)
    node.cache *= Double(cores) / Double(self.cores)
    node.cores = cores
    return node
  }

  /// Bytes a second that one of so many busy threads of a node gets.
  func bandwidth(ofOneOf threads: Int) -> Double {
    min(coreBandwidth, bandwidth / Double(max(1, min(threads, cores))))
  }

  /// Seconds of a collective of short messages among the ranks of a layout: a message for each doubling of the ranks of a
  /// node, and one for each of the nodes.
  package func collective(_ layout: RankLayout) -> Double {
    localLatency * Self.doublings(layout.ranksPerNode) + latency * Self.doublings(layout.nodes)
  }

  /// ⌈log2 n⌉.
  package static func doublings(_ n: Int) -> Double {
    n <= 1 ? 0 : Double(Int.bitWidth - (n - 1).leadingZeroBitCount)
  }
}

/// How long passes of few and of many images take on one thread: what a model scales up from.
package struct PassTimes: Codable, Equatable, Sendable {
  /// Seconds of a forward pass and an input gradient of so many images.
  package struct Point: Codable, Equatable, Sendable {
    package let images: Int
    package let seconds: Double

    package init(images: Int, seconds: Double) {
      self.images = images
      self.seconds = seconds
    }
  }

  /// Ascending by images; at least one.
  package let points: [Point]
  /// Bytes a second that the thread had from memory, and the cache that it had: where packed filters came from.
  package let bandwidth: Double, cache: Double

  package init(_ points: [Point], bandwidth: Double, cache: Double) {
    precondition(!points.isEmpty, "a time expected")
    self.points = points.sorted { $0.images < $1.images }
    self.bandwidth = bandwidth
    self.cache = cache
  }

  /// What several measurements tell together: of each number of images that all have the middle time, the lower of two; nil where
  /// there is no such number.
  package init?(together all: [PassTimes]) {
    func middle(_ values: [Double]) -> Double { values.sorted()[(values.count - 1) / 2] }
    guard let first = all.first else { return nil }
    let points = first.points.compactMap { point -> Point? in
      let seconds = all.compactMap { times in times.points.first { $0.images == point.images }?.seconds }
      return seconds.count == all.count ? Point(images: point.images, seconds: middle(seconds)) : nil
    }
    guard !points.isEmpty else { return nil }
    self.init(points, bandwidth: middle(all.map(\.bandwidth)), cache: first.cache)
  }

  /// Seconds of `images` images: between two points along their line, beyond the last as long for each image as there.
  package func seconds(_ images: Int) -> Double {
    guard let next = points.firstIndex(where: { $0.images >= images }) else {
      let last = points[points.count - 1]
      return last.seconds / Double(last.images) * Double(images)
    }
    let right = points[next]
    guard next > 0 else { return right.seconds / Double(right.images) * Double(images) }
    let left = points[next - 1]
    let part = Double(images - left.images) / Double(right.images - left.images)
    return left.seconds + part * (right.seconds - left.seconds)
  }
}
