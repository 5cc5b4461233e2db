// How the learning rate follows the batch: large global batches make fewer steps, each of which may be longer.

/// What the learning rate is multiplied by, for a batch of B images, where it is meant for one of R: 128 in most of the
/// literature.
package enum LearningRateScaling: String, CaseIterable, Equatable, Sendable {
  /// 1.
  case none
  /// B / R: the sum of steps stays what it was (Goyal et al. 2017).
  case linear
  /// √(B / R): the noise of a step stays what it was (Krizhevsky 2014).
  case sqrt

  /// The rate for a batch; that for `reference` images is not changed.
  package func rate(_ rate: Double, batch: Int, reference: Int) -> Double {
    let ratio = Double(batch) / Double(reference)
    return switch self {
    case .none: rate
    case .linear: rate * ratio
    case .sqrt: rate * ratio.squareRoot()
    }
  }
}
