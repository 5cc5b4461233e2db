// Branches of blocks that an image's pass goes without (stochastic depth), by addressed draws:
//
//   y = x + s·branch(x),   s = 0 with probability p, else 1/(1 − p),   for each image and branch by itself
//
// (Huang, Sun, Liu, Sedra, Weinberger: Deep networks with stochastic depth. ECCV 2016.) s is the same on any ranks, and
// drawn anew for each view of an example in each epoch; in an attack, where its passes are to have branches left out, in
// each of them.

import Classification
import Tensors

/// Where the draws of a pass are.
package struct PathAddresses: Sendable {
  /// Which pass of an epoch it is.
  package enum Pass: Equatable, Sendable {
    case training
    /// Of the attack that makes a view: before this step, from 0.
    case step(Int, view: Int)
    /// The pass of the originals before it, whose predictions the attack moves away from.
    case reference(view: Int)
  }

  package let seed: UInt64
  package let epoch: Int
  /// The position in the training set of each example of the batch.
  package let examples: [Int]
  /// Which of them pass; nil: all, in their order.
  package let places: [Int]?
  package let pass: Pass

  package init(seed: UInt64, epoch: Int, examples: [Int], places: [Int]? = nil, pass: Pass = .training) {
    self.seed = seed
    self.epoch = epoch
    self.examples = examples
    self.places = places
    self.pass = pass
  }

  /// The stream of an example that passes, in a view of the slice.
  private func stream(_ example: Int, view: Int) -> RandomStream {
    let example = examples[places?[example] ?? example]
    return switch pass {
    case .training:
      RandomStream(seed: seed, purpose: .dropPath, epoch: epoch, example: example, variant: view)
    case .step(let step, let view):
      RandomStream(
        seed: seed, purpose: .attackDropPath, epoch: epoch, example: example, step: step, variant: 2 * view)
    case .reference(let view):
      RandomStream(seed: seed, purpose: .attackDropPath, epoch: epoch, example: example, variant: 2 * view + 1)
    }
  }

  /// Writes s of all images of a slice, `branches` for each.
  func draw(into factors: Tensor, branches: Int, rate: Float, _ slice: BatchSlice) {
    let count = places?.count ?? examples.count
    precondition(count == slice.count, "\(count) examples for \(slice.count)")
    precondition(pass == .training || slice.views.count == 1, "an attack makes one view")
    let kept = 1 / (1 - rate)
    for shard in slice.shards {
      let own = slice.examples(of: shard)
      for view in 0..<slice.views.count {
        let images = slice.images(of: shard, view: view)
        for (example, image) in zip(own, images) {
          let stream = stream(example, view: view)
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
