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
    var counts = ClassCounts(classCount: context.network.classCount)
    let goals = goals(batch, fairness, seed: context.seed, &counts)
    let adversarial = context.adversaries(batch.labels.count)
    let classifier = NetworkClassifier(context.network, context.state, context.attackStatistics, batch.slice)
    // One schedule for all classes: steps and step size of the first.
    let attack = PGD(steps: fairness.settings[0].steps, stepSize: fairness.settings[0].stepSize)
    try attack(
      batch.images, into: adversarial, goals: goals,
      within: ThreatModel(epsilon: batch.labels.map { fairness.settings[$0].epsilon }), of: classifier,
      random: AttackRandomness(
        seed: context.seed, purpose: .attackStart, epoch: batch.epoch, examples: batch.examples),
      context.workspace)
    context.state = classifier.state
    let attacked = monotonicSeconds()

    let (losses, predictions) = try context.train(adversarial, labels: batch.labels, batch.slice)
    for (label, prediction) in zip(batch.labels, predictions) { counts.record(label: label, prediction: prediction) }
    return StepReport(
      counts: counts, shardLosses: losses, attackSeconds: attacked - start,
      trainingSeconds: monotonicSeconds() - attacked)
  }

  private func goals(
    _ batch: TrainingBatch, _ fairness: FairnessState, seed: UInt64, _ counts: inout ClassCounts
  ) -> [Goal] {
    zip(batch.labels, batch.examples).map { label, example in
      guard fairness.settings[label].targeted else { return .avoid(label) }
      let stream = RandomStream(seed: seed, purpose: .target, epoch: batch.epoch, example: example)
      let target = fairness.prior.draw(label: label, uniform: Double(stream.uniform(at: 0)))
      counts.record(target: target)
      return .reach(target)
    }
  }
}
