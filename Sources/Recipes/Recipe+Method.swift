// The method of a recipe, made of its name, its options and what it must know of the rest.

import Fairness
import Methods
import Options

extension Recipe {
  /// The method; its name was checked when the recipe was read.
  package var trainingMethod: TrainingMethod {
    guard let part = methods[method.name] else { preconditionFailure("no method is called \(method.name)") }
    var made = part.make(
      method.values(in: methods),
      MethodFacts(
        epochs: training.epochs, statistics: attack.batchStatistics, epsilon: attack.epsilon.value,
        stepSize: attack.stepSize.value))
    if training.labelSmoothing.value > 0, let loss = made.loss.smoothed(training.labelSmoothing.float) {
      made.loss = loss
    }
    return made
  }

  /// Whether all classes begin with targeted adversaries.
  package var startsTargeted: Bool {
    switch fairness.targeted {
    case .method: trainingMethod.isTargeted
    case .all: true
    case .none, .strong: false
    }
  }

  /// Chooses a method, with what its paper sets of the keys that all methods have; an unknown one changes nothing else.
  package mutating func choose(method name: String) {
    method.name = name
    for (path, value) in methods[name]?.settings ?? [] {
      guard let field = Recipe.fields.first(where: { $0.path == path }), field.set(FieldText(argument: value), &self)
      else { preconditionFailure("\(path) of method \(name) cannot be \(value)") }
    }
  }
}
