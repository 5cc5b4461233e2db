// What attacks of one size share: threads, and memory that grows with the first block and then stays.

import Classification
import Parallelism
import Tensors

/// A forward pass of a search.
package enum AttackPass: Equatable, Sendable {
  /// Of the originals, whose predictions are what the search goes away from.
  case reference
  /// Of the candidates before this step, from 0.
  case step(Int)
}

/// Threads and memory of attacks, for blocks of up to so many examples.
package final class AttackWorkspace {
  package let pool: ThreadPool
  /// Called before each step of an attack with its number from 0.
  package var stepBegins: (Int) -> Void = { _ in }
  /// Called before each forward pass of PGD with the examples that pass.
  package var passBegins: (_ pass: AttackPass, _ passed: [Int]) -> Void = { _, _ in }
  /// Whether what is true here is true on all ranks; a call of all of them.
  package var allAgree: (Bool) throws -> Bool = { $0 }
  /// Which examples PGD still searches for.
  let search = Search()
  /// p(x) of the originals, (N, K).
  let reference: Tensor
  private let dLogits: Tensor
  private var images: [Tensor] = []

  package init(examples: Int, classes: Int, pool: ThreadPool) {
    self.pool = pool
    dLogits = Tensor(Shape(n: examples, c: classes))
    reference = Tensor(Shape(n: examples, c: classes))
  }

  /// Remembers the probabilities of the logits of the originals at `places`.
  func remember(_ logits: Tensor, _ places: [Int]) {
    for (place, n) in places.enumerated() {
      Softmax.write(logits.image(place), classes: logits.shape.c, into: reference.image(n))
    }
  }

  /// dL/dlogits of n examples.
  func dLogits(_ n: Int) -> Tensor { dLogits.prefix(n) }

  /// Memory number `i` for as many images as `like` has; what was in it may be another attack's.
  func memory(_ i: Int, like: Tensor) -> Tensor {
    while images.count <= i { images.append(Tensor(Shape(n: 0, c: 1))) }
    if images[i].shape.imageCount != like.shape.imageCount || images[i].shape.n < like.shape.n {
      images[i] = Tensor(like.shape)
    }
    return images[i].prefix(like.shape.n)
  }

  /// Images of the examples at `places` side by side in memory number 0; all of them where they lie.
  func gathered(_ images: Tensor, _ places: [Int]) -> Tensor {
    if places.count == images.shape.n { return images }
    let memory = memory(0, like: images)
    pool.forEach(places.count) { place, _ in
      memory.image(place).update(from: images.image(places[place]), count: images.shape.imageCount)
    }
    return memory.prefix(places.count)
  }
}
