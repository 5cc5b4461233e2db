// How the learning rate follows the batch: large global batches make fewer steps, each of which may be longer.

/// What the learning rate is multiplied by, for a batch of B images: those of the literature are meant for 128.
package enum LearningRateScaling: String, CaseIterable, Equatable, Sendable {
  /// 1.
  case none
  /// B / 128: the sum of steps stays what it was (Goyal et al. 2017).
  case linear
  /// √(B / 128): the noise of a step stays what it was (Krizhevsky 2014).
  case sqrt

  /// The batch whose rate is not changed.
  package static let referenceBatch = 128

  /// The rate for a batch.
  package func rate(_ rate: Double, batch: Int) -> Double {
    let ratio = Double(batch) / Double(Self.referenceBatch)
    return switch self {
    case .none: rate
    case .linear: rate * ratio
    case .sqrt: rate * ratio.squareRoot()
    }
  }
}
