// Branches of blocks that an image's training pass goes without (stochastic depth), by addressed draws:
//
//   y = x + s·branch(x),   s = 0 with probability p, else 1/(1 − p),   for each image and branch by itself
//
// (Huang, Sun, Liu, Sedra, Weinberger: Deep networks with stochastic depth. ECCV 2016.) s is the same on any ranks, and
// drawn anew for each view of an example in each epoch.

import Classification
import Tensors

/// Where the draws of a training pass are.
package struct PathAddresses: Sendable {
  package let seed: UInt64
  package let epoch: Int
  /// The position in the training set of each example of the slice.
  package let examples: [Int]

  package init(seed: UInt64, epoch: Int, examples: [Int]) {
    self.seed = seed
    self.epoch = epoch
    self.examples = examples
  }

  /// Writes s of all images of a slice, `branches` for each.
  func draw(into factors: Tensor, branches: Int, rate: Float, _ slice: BatchSlice) {
    precondition(examples.count == slice.count, "\(examples.count) examples for \(slice.count)")
    let kept = 1 / (1 - rate)
    for shard in slice.shards {
      let own = slice.examples(of: shard)
      for view in 0..<slice.views.count {
        let images = slice.images(of: shard, view: view)
        for (example, image) in zip(own, images) {
          let stream = RandomStream(
            seed: seed, purpose: .dropPath, epoch: epoch, example: examples[example], variant: view)
          for branch in 0..<branches {
            factors.image(image)[branch] = stream.uniform(at: branch) < rate ? 0 : kept
          }
        }
      }
    }
  }
}

/// The factors of a block's branches in a pass; all of them 1 in most.
struct PathFactors {
  private let factors: Tensor?
  /// Of the block's first branch.
  private let first: Int

  /// Ones.
  static let ones = PathFactors(nil, first: 0)

  /// - Parameter factors: those of every image.
  init(_ factors: Tensor?, first: Int) {
    self.factors = factors
    self.first = first
  }

  /// Whether some may not be 1.
  var areDrawn: Bool { factors != nil }

  /// That of an image's branch, from 0.
  func of(_ image: Int, _ branch: Int) -> Float { factors?.image(image)[first + branch] ?? 1 }
}
