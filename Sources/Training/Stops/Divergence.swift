// A training whose loss or weights are no numbers any more, and what can be done about it in the same directory.

import Failures

/// Why training cannot go on; the same on every rank.
struct Divergence: Error {
  /// Such as "the loss became NaN in epoch 1, step 3".
  let what: String
  /// The one in force.
  let learningRate: Double

  /// The error that users see, with a cure that works as it stands there.
  ///
  /// - Parameter steps: of the checkpoints that there are, ascending.
  func failure(steps: [Int]) -> Failure {
    var message = "\(what): lower training.learning-rate (\(learningRate) there) and start "
    let later = steps.filter { $0 > 0 }.map(String.init)
    if steps.isEmpty {
      message += "again"
    } else {
      message += "with --rewind 0, which begins anew in the same directory"
      // The loss may have run away long before it was no number: which of them was still well, the log tells.
      if !later.isEmpty {
        message +=
          ", or with --rewind N to go on from step N (\(later.joined(separator: ", "))), if the loss was still well there"
      }
    }
    return Failure(.internal, message)
  }
}
