// A policy decides, from counts alone, what the next epoch trains with.

/// A rule that rewrites the class settings or the target prior where an interval begins (an epoch, by default).
///
/// A pure function of its arguments, which are the same on every rank: so is what it decides, and nothing is sent. Double
/// arithmetic in a fixed order, no function of the C library whose last bit depends on the CPU; settings become Float in
/// one place, at the end.
package protocol FairnessPolicy: Sendable {
  /// Rewrites what `state.epoch` goes on training with.
  ///
  /// - Parameter counts: those of the interval that has just ended, summed over all ranks.
  func update(_ state: inout FairnessState, from counts: ClassCounts)
}
