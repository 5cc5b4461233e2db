// A point in a training run, as recipes name it: an epoch, or a fraction of the length.

/// When something begins: at an epoch, or after a fraction of all epochs.
package enum Moment: Equatable, Sendable, CustomStringConvertible {
  /// From this epoch on; the first epoch is 0.
  case epoch(Int)
  /// From this fraction of the length on, in 0...1.
  case fraction(Real)

  /// Reads `50` as an epoch, `1/4` and `0.25` as fractions of the length; nil for anything else, and for an epoch beyond
  /// the longest run.
  package init?(_ text: String) {
    if let epoch = Int(text) {
      guard Limits.epochs.orNone.contains(epoch) else { return nil }
      self = .epoch(epoch)
    } else {
      guard let fraction = Real(text), (0...1).contains(fraction.value) else { return nil }
      self = .fraction(fraction)
    }
  }

  package var description: String {
    switch self {
    case .epoch(let epoch): "\(epoch)"
    case .fraction(let fraction): fraction.description
    }
  }

  /// The first epoch (from 0) of a run of `epochs` at or past this moment; nil where none of them is that late.
  package func firstEpoch(of epochs: Int) -> Int? {
    switch self {
    case .epoch(let first): return first < epochs ? first : nil
    case .fraction(let fraction):
      let first = (fraction.value * Double(epochs) - 1e-9).rounded(.up)
      return first < Double(epochs) ? max(0, Int(first)) : nil
    }
  }

  /// Whether an epoch (from 0) of a run of `epochs` is at or past this moment: epoch >= fraction x epochs.
  ///
  /// The product is not rounded to whole epochs: three quarters of 10 epochs are 7.5, and epoch 8 is the first at or
  /// past it.
  package func isReached(epoch: Int, of epochs: Int) -> Bool {
    switch self {
    case .epoch(let first): epoch >= first
    // Decimals such as 0.1 are no binary fractions: 0.1 x 30 must still be 3.
    case .fraction(let fraction): Double(epoch) >= fraction.value * Double(epochs) - 1e-9
    }
  }
}
