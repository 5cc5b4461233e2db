// The order in which an epoch visits the training examples: Fisher and Yates' shuffle (Durstenfeld's form), whose draws
// are addressed by (seed, epoch), so that every rank and every resumed run computes the same one.

import Tensors

/// A permutation of 0 ..< count.
package struct EpochOrder: Sendable, Equatable {
  /// The training position at each place of the epoch.
  package let positions: [Int]

  /// The order of an epoch; each of the count! orders is equally likely over the seeds.
  package init(count: Int, seed: UInt64, epoch: Int) {
    let stream = RandomStream(seed: seed, purpose: .shuffle, epoch: epoch)
    var positions = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      positions.swapAt(last, stream.integer(below: last + 1, at: last))
    }
    self.positions = positions
  }
}
