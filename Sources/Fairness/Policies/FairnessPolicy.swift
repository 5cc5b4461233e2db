// A policy decides, from integers alone, what the next epoch trains with.

/// What a policy is told where an interval begins.
package struct IntervalStatistics: Sendable {
  /// Of the interval that has just ended, summed over all ranks; all zero where a run begins.
  package let counts: ClassCounts
  /// Validation images, clean and attacked, under the weights as they are; nil unless asked for.
  package let validation: AttackEvaluation?
  /// The method's own loss on validation images, under its own attack; nil unless asked for.
  package let losses: ClassLosses?
  /// Whether the interval that has ended ends an epoch.
  package let endsEpoch: Bool

  package init(
    counts: ClassCounts, validation: AttackEvaluation? = nil, losses: ClassLosses? = nil, endsEpoch: Bool = false
  ) {
    self.counts = counts
    self.validation = validation
    self.losses = losses
    self.endsEpoch = endsEpoch
  }
}

/// A rule that rewrites the class settings or the target prior where an interval begins (an epoch, by default).
///
/// A pure function of its arguments, which are the same on every rank: so is what it decides, and nothing is sent. Double
/// arithmetic in a fixed order, no function of the C library whose last bit depends on the CPU; settings become Float in
/// one place, at the end. What a policy must remember stands in `state.memory`, under names that begin with its own; each
/// vector has K, K + 1 or K·K numbers.
package protocol FairnessPolicy: Sendable {
  /// Whether `update` wants validation at the beginning of this epoch; with epoch 0 before the first step.
  func needsValidation(before epoch: Int) -> Bool
  /// Whether `update` wants the losses of validation images at the beginning of this epoch, from 1.
  func needsLosses(before epoch: Int) -> Bool
  /// Whether, while this epoch trains, the predicted probabilities are summed by class (`PredictionSums`), given what
  /// policies remember.
  func needsPredictions(during epoch: Int, _ memory: PolicyMemory) -> Bool
  /// Why it cannot work as it is told to, in one line with the cure; nil where it can.
  var fault: String? { get }
  /// What it will not do in this run, in one line; nil where there is nothing to say.
  var remark: String? { get }
  /// Rewrites what `state.epoch` goes on training with.
  func update(_ state: inout FairnessState, from statistics: IntervalStatistics)
}

extension FairnessPolicy {
  package func needsValidation(before epoch: Int) -> Bool { false }
  package func needsLosses(before epoch: Int) -> Bool { false }
  package func needsPredictions(during epoch: Int, _ memory: PolicyMemory) -> Bool { false }
  package var fault: String? { nil }
  package var remark: String? { nil }
}

/// What the policies of a run ask for together.
extension [any FairnessPolicy] {
  package func needsValidation(before epoch: Int) -> Bool { contains { $0.needsValidation(before: epoch) } }
  package func needsLosses(before epoch: Int) -> Bool { contains { $0.needsLosses(before: epoch) } }
  package func needsPredictions(during epoch: Int, _ memory: PolicyMemory = PolicyMemory()) -> Bool {
    contains { $0.needsPredictions(during: epoch, memory) }
  }
}
