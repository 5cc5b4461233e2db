// Adversarial training, untargeted or towards drawn targets:
//
//   t ~ prior without y                           (targeted classes)
//   x' = PGD(x; towards t | away from y; ε_y)     in the attack's statistics
//   L  = 1/B · Σ CE(f(x'), y)                     train mode; predictions of this pass are what is counted
//
// FAIR-TAT (arXiv 2410.23142), target_train_new.py and Targeted_attack.py; Madry et al. (ICLR 2018) untargeted.

import Attacks
import Classification
import Fairness
import Networks
import Tensors

/// AT and FAIR-TAT: which of them is a column of the class settings.
package struct AdversarialTraining: TrainingMethod {
  package let isTargeted: Bool

  package init(isTargeted: Bool) { self.isTargeted = isTargeted }

  package func step(
    _ batch: TrainingBatch, _ fairness: FairnessState, _ context: StepContext
  ) throws -> StepReport {
    let start = monotonicSeconds()
    context.counts.reset()
    setGoals(batch, fairness, context)
    let adversarial = context.adversaries(batch.labels.count)
    context.classifier.slice = batch.slice
    // One schedule for all classes: steps and step size of the first.
    let attack = PGD(steps: fairness.settings[0].steps, stepSize: fairness.settings[0].stepSize)
    try attack(
      batch.images, into: adversarial, goals: context.goals, within: context.threat, of: context.classifier,
      random: AttackRandomness(
        seed: context.seed, purpose: .attackStart, epoch: batch.epoch, examples: batch.examples),
      context.workspace)
    let attacked = monotonicSeconds()

    let logits = try context.train(adversarial, labels: batch.labels, batch.slice)
    for (n, label) in batch.labels.enumerated() {
      context.counts.record(label: label, prediction: CrossEntropy.prediction(logits, n))
    }
    return StepReport(
      counts: context.counts, shardLosses: context.shardLosses, attackSeconds: attacked - start,
      trainingSeconds: monotonicSeconds() - attacked)
  }

  /// Each example's goal and radius: those of its class.
  private func setGoals(_ batch: TrainingBatch, _ fairness: FairnessState, _ context: StepContext) {
    context.goals.removeAll(keepingCapacity: true)
    context.threat.epsilon.removeAll(keepingCapacity: true)
    for (label, example) in zip(batch.labels, batch.examples) {
      context.threat.epsilon.append(fairness.settings[label].epsilon)
      guard fairness.settings[label].targeted else {
        context.goals.append(.avoid(label))
        continue
      }
      let stream = RandomStream(seed: context.seed, purpose: .target, epoch: batch.epoch, example: example)
      let target = fairness.prior.draw(label: label, uniform: Double(stream.uniform(at: 0)))
      context.counts.record(target: target)
      context.goals.append(.reach(target))
    }
  }
}
