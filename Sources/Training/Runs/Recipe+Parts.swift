// What a recipe's values come to, in the types of those who use them.

import Datasets
import Evaluation
import Fairness
import Methods
import Networks
import Recipes
import Resources

extension TrainingMethod {
  /// The images that a step holds for each example.
  package var stepImages: StepImages {
    // The example, the adversaries, the views side by side, the candidates left and the iterates before.
    let besides =
      (views.count > 1 ? views.count : 0) + (problems.contains { $0.stopped == .leave } ? 1 : 0)
      + (problems.contains { $0.stopping(0) == .beforeMisclassified } ? 1 : 0)
    return StepImages(views: views.count, held: 1 + problems.count + besides)
  }
}

extension Recipe {
  /// What the data catalog is asked for.
  package func dataRequest(_ part: DatasetRequest.Part = .trainingAndTest) throws -> DatasetRequest {
    var name = data.name
    // `--data DIR` alone: what lies there is recognised.
    if let path = data.path, name == "synthetic" { name = try DatasetCatalog.recognize(path) }
    var request = DatasetRequest(
      name: name, path: data.path, limitTrain: data.limitTrain, limitTest: data.limitTest,
      validation: data.validation.value, size: data.size, trainCount: data.trainCount, testCount: data.testCount,
      hueGap: data.hueGap.value, seed: training.seed, classes: model.classes)
    request.part = part
    return request
  }

  /// The normalisation that the recipe itself states.
  package var normalisation: Normalisation? {
    guard let mean = model.mean, let deviation = model.deviation else { return nil }
    return Normalisation(mean: mean.map(\.float), deviation: deviation.map(\.float))
  }

  /// The policies that rewrite prior and margins between epochs.
  var fairnessPolicies: [any FairnessPolicy] {
    var options = FairnessOptions()
    options.prior = TargetPriorRule(name: fairness.prior, temperature: fairness.temperature.value)
    options.priorBegin = fairness.firstPriorEpoch
    options.marginLambda = fairness.margins ? fairness.lambda.value : nil
    options.marginMeasure = fairness.marginsFrom
    options.calibrationBegin = fairness.firstMarginsEpoch
    options.epsilon = attack.epsilon.value
    options.betaLambda = fairness.betaLambda?.value
    options.beta = Double(trainingMethod.beta)
    options.mixedTargetsBegin = fairness.targeted == .strong ? fairness.begin : nil
    return options.policies
  }

  /// The averages that there are, and when each takes in weights.
  var averagePolicies: [(name: String, policy: AveragePolicy)] {
    let start = averaging.start.firstEpoch(of: training.epochs) ?? training.epochs
    let policies: [String: AveragePolicy] = [
      "ema": .ema(start: start), "fawa": .fawa(start: start, threshold: averaging.fawaThreshold.value),
    ]
    return averaging.names.map { ($0, policies[$0]!) }
  }
}
