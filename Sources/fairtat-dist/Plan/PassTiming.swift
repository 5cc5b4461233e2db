// How long the recipe's network takes for one shard on one thread: what a plan's estimate of time is made from.

import CPlatform
import Classification
import Communication
import Networks
import Parallelism
import Recipes
import Fairness
import Tensors

/// Seconds of a forward pass and an input gradient together, of one shard.
struct PassTiming: Encodable {
  let images: Int
  /// Median of the slowest rank.
  let seconds: Double
  let repetitions: Int

  /// Measures for a second or two; a call of all ranks.
  init(_ network: any Network, shardSize: Int, _ communicator: any Communicator) throws {
    let state = Model(parameters: network.parameters, statistics: network.statistics)
    state.initialize(seed: 0)
    let size = network.configuration
    let x = Tensor(Shape(n: shardSize, h: size.height, w: size.width, c: 3))
    let stream = RandomStream(seed: 0, purpose: .test)
    for i in 0..<x.count { x.pointer[i] = stream.uniform(at: i) }
    let dLogits = Tensor(Shape(n: shardSize, c: size.classes))
    for i in 0..<dLogits.count { dLogits.pointer[i] = i % size.classes == 0 ? 0.9 : -0.1 }
    network.reserve(examples: shardSize, shardSize: shardSize)
    network.prepare(state)
    let slice = BatchSlice(whole: shardSize)
    try communicator.barrier()
    var times: [Double] = []
    let start = platform_seconds()
    // The first pass meets new memory and does not count.
    for pass in 0..<1000 {
      let began = platform_seconds()
      _ = try network.forward(x, state, .batch, slice)
      _ = try network.backward(dLogits, state, .batch, slice, gradients: nil)
      let now = platform_seconds()
      if pass > 0 { times.append(now - began) }
      if pass >= 3 && now - start > 1.5 { break }
    }
    images = shardSize
    repetitions = times.count
    seconds = try communicator.slowest(Quantiles.value(0.5, ofSorted: times.sorted()))
  }
}
