// Whether `state.json` can be what a run wrote: its digest in `DONE` says that it is what somebody wrote, no more.

import Fairness
import Networks
import Options
import Recipes

extension CheckpointHeader {
  /// Positions beyond are no positions.
  private static let largest = 1 << 46

  /// What contradicts itself, in a few words; nil where all is well.
  var fault: String? {
    let limits = Limits.classes
    if !limits.contains(classNames.count) {
      return "\(classNames.count) class names, and a model has \(limits.lowerBound) to \(limits.upperBound) classes"
    }
    if let imageSize, imageSize.count != 2 { return "an image size of \(imageSize.count) numbers" }
    if let fault = fairness.fault { return "fairness: \(fault)" }
    let positions = [("epoch", epoch), ("stepInEpoch", stepInEpoch), ("step", step)]
    for (name, value) in positions where !(0...Self.largest).contains(value) { return "\(name) is \(value)" }
    if fairness.epoch != epoch { return "it is of epoch \(epoch), its fairness of epoch \(fairness.epoch)" }
    let loss = Double(bitPattern: lossSum)
    if !loss.isFinite || loss < 0 { return "the sum of losses is \(loss)" }
    for (name, count) in accepted where !(0...epoch).contains(count) {
      return "\(name) took in \(count) epochs of \(epoch)"
    }
    if let best, !(0..<max(1, epoch)).contains(best.epoch) || !(0...step).contains(best.step) || !best.score.isFinite {
      return "the best epoch is \(best.epoch), step \(best.step), score \(best.score)"
    }
    return nil
  }

  /// What it cannot be in this run, whose recipe and data it has; nil where all is well.
  func fault(in run: Run) -> String? {
    let steps = run.stepsPerEpoch
    if stepInEpoch > steps { return "step \(stepInEpoch) of an epoch of \(steps)" }
    if step != epoch * steps + stepInEpoch { return "step \(step) of the run is step \(stepInEpoch) of epoch \(epoch)" }
    if fairness.settings.classCount != run.network.classCount {
      return "fairness has \(fairness.settings.classCount) classes, the model \(run.network.classCount)"
    }
    // Unless all steps of an epoch are counted, its end finds fewer examples than there are.
    let seen = stepInEpoch == steps ? run.split.train.count : stepInEpoch * run.recipe.training.batchSize
    return fairness.epochCounts.total == Int64(seen)
      ? nil : "\(fairness.epochCounts.total) examples are counted, the epoch has seen \(seen)"
  }
}
