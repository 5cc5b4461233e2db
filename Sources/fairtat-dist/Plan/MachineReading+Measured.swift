// What a model of a step needs to know of this machine, measured in a few seconds: passes of few and of many images on one thread,
// bandwidths, an empty parallel loop, and sums over the ranks.

import CPlatform
import Classification
import Communication
import Fairness
import Kernels
import Networks
import Parallelism
import Scaling
import Tensors

/// What was measured, and what was counted on the way.
struct MachineMeasurement {
  let reading: MachineReading
  let layout: RankLayout
  /// Parallel loops of a forward pass and an input gradient.
  let pairLoops: Int

  /// Measures; a call of all ranks. Passes and a core's bandwidth are rank 0's while the others wait.
  ///
  /// - Parameters:
  ///   - network: makes the network for one thread; asked on rank 0.
  ///   - threads: of a rank.
  ///   - images: the most images of a thread that times are wanted for.
  init(
    _ network: (Engine) throws -> any Network, convolution: ConvolutionChoice, threads: Int, images: Int,
    _ communicator: any Communicator
  ) throws {
    let places = try communicator.allGather(coded: CoreShare(host: communicator.hostName))
    let hosts = Set(places.map(\.host)).count
    layout = RankLayout(ranks: communicator.size, threads: threads, nodes: hosts)
    let masks = Set(places.filter { $0.host == places[0].host }.map(\.mask))
    let cores = masks.reduce(0) { sum, mask in sum + (places.first { $0.mask == mask }?.physicalCores ?? 0) }
    let cache = Double(platform_cache_bytes(3))

    let pool = ThreadPool(threadCount: threads)
    defer { pool.stop() }
    let together = try MachineLimits.bandwidth(pool, communicator) * 1e9
    let loop = threads > 1 ? try communicator.slowest(Self.emptyLoop(pool)) : nil
    let (small, long) = try Self.sums(communicator)
    let alone = try communicator.fromRoot { () throws -> Alone in
      let own = ThreadPool(threadCount: 1)
      let bandwidth = try MachineLimits.bandwidth(own, SoloCommunicator()) * 1e9
      let engine = Engine(pool: own, reduction: LocalBatchReduction(), convolution: convolution)
      let points = try Self.passes(try network(engine), engine.pool, upTo: images)
      return Alone(bandwidth: bandwidth, points: points.points, loops: points.loops)
    }
    pairLoops = alone.loops
    reading = MachineReading(
      cores: max(1, cores), bandwidth: together / Double(hosts), coreBandwidth: alone.bandwidth, cache: cache,
      loop: loop, smallSum: small, longSum: long, floats: Self.longSum,
      times: PassTimes(alone.points, bandwidth: alone.bandwidth, cache: cache))
  }

  /// What rank 0 finds.
  private struct Alone: Codable {
    let bandwidth: Double
    let points: [PassTimes.Point]
    let loops: Int
  }

  /// Numbers of the long sum.
  private static let longSum = 1 << 20

  /// Seconds of a loop of one piece a thread that does nothing, many of them one after another.
  private static func emptyLoop(_ pool: ThreadPool) -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
      let start = platform_seconds()
      for _ in 0..<200 { pool.forEach(pool.threadCount) { _, _ in } }
      best = min(best, (platform_seconds() - start) / 200)
    }
    return best
  }

  /// Seconds of a short and of a long sum over the ranks, met together; nil for one rank.
  private static func sums(_ communicator: any Communicator) throws -> (small: Double?, long: Double?) {
    guard communicator.size > 1 else { return (nil, nil) }
    let tree = TreeReduction(communicator: communicator)
    let layout = ShardLayout(batchSize: communicator.size, shardSize: 1)
    let leaves = [Double](repeating: 1, count: tree.ownNodes(of: layout).count * 128)
    func small() throws {
      _ = try leaves.withUnsafeBufferPointer {
        try tree.total($0, width: 128, layout: layout) { into, from in for i in 0..<128 { into[i] += from[i] } }
      }
    }
    for _ in 0..<10 { try small() }
    try communicator.barrier()
    let start = platform_seconds()
    for _ in 0..<200 { try small() }
    let seconds = try communicator.slowest((platform_seconds() - start) / 200)
    let own = tree.ownNodes(of: layout).map { _ in Storage(count: longSum) }
    let total = Storage(count: longSum)
    return try withExtendedLifetime((own, total)) {
      for storage in own { storage.base.update(repeating: 0.5, count: longSum) }
      let sums = own.map { UnsafeMutableBufferPointer(start: $0.base, count: longSum) }
      var best = Double.infinity
      for _ in 0..<4 {
        try communicator.barrier()
        let start = platform_seconds()
        try tree.sum(sums, layout: layout, into: UnsafeMutableBufferPointer(start: total.base, count: longSum))
        best = min(best, try communicator.slowest(platform_seconds() - start))
      }
      return (seconds, best)
    }
  }

  /// A forward pass and an input gradient of 1, 2, 4, ... images on one thread: the median of some, after one that meets new memory.
  private static func passes(
    _ network: any Network, _ pool: ThreadPool, upTo most: Int
  ) throws -> (points: [PassTimes.Point], loops: Int) {
    let counts = Array(sequence(first: 1) { 2 * $0 }.prefix { $0 < most }) + [most]
    let state = Model(parameters: network.parameters, statistics: network.statistics)
    state.initialize(seed: 0)
    let size = network.configuration
    let x = Tensor(Shape(n: most, h: size.height, w: size.width, c: 3))
    let stream = RandomStream(seed: 0, purpose: .test)
    for i in 0..<x.count { x.pointer[i] = stream.uniform(at: i) }
    network.reserve(examples: most, shardSize: most)
    network.prepare(state)
    var loops = 0
    let points = try counts.map { images in
      let own = Tensor(Shape(n: images, h: size.height, w: size.width, c: 3))
      own.pointer.update(from: x.pointer, count: own.count)
      let dLogits = Tensor(Shape(n: images, c: size.classes))
      for i in 0..<dLogits.count { dLogits.pointer[i] = i % size.classes == 0 ? 0.9 : -0.1 }
      let slice = BatchSlice(whole: images)
      var times: [Double] = []
      let start = platform_seconds()
      for pass in 0..<1000 {
        let (began, calls) = (platform_seconds(), pool.calls)
        _ = try network.forward(own, state, .batch, slice)
        _ = try network.backward(dLogits, state, .batch, slice, gradients: nil)
        let now = platform_seconds()
        loops = pool.calls - calls
        if pass > 0 { times.append(now - began) }
        if pass >= 3 && now - start > 0.4 { break }
      }
      return PassTimes.Point(images: images, seconds: Quantiles.value(0.5, ofSorted: times.sorted()))
    }
    return (points, loops)
  }
}
