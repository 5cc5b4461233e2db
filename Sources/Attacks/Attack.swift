// What an attack is: a search. Where it may look and who is broken is not its to say.

import Classification
import Tensors

/// A search for adversarial examples.
package protocol Attack: Sendable {
  /// Overwrites the candidates of the active examples; whoever calls projects and judges them.
  ///
  /// An example of which it knows that it is not broken gets its original back, which saves the judge a pass.
  func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace) throws

  /// The passes of a search in which nobody is broken.
  func passes(classes: Int) -> AttackPasses
}

/// Passes through a model.
package struct AttackPasses: Equatable, Sendable {
  package var forward: Int
  /// Gradients in the images.
  package var gradient: Int

  package init(forward: Int, gradient: Int = 0) {
    self.forward = forward
    self.gradient = gradient
  }

  package static func + (a: Self, b: Self) -> Self {
    Self(forward: a.forward + b.forward, gradient: a.gradient + b.gradient)
  }

  package static func * (count: Int, a: Self) -> Self {
    Self(forward: count * a.forward, gradient: count * a.gradient)
  }
}

extension Attack {
  /// Searches, and projects what was found: what a training takes. Not a requirement, so no attack can leave the threat
  /// model.
  package func callAsFunction(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    try search(problem, of: model, workspace)
    problem.threat.project(problem, workspace.pool)
  }

  /// Searches, projects, and judges by a pass of its own: what an evaluation takes.
  ///
  /// Of an example that is not broken the original is given back.
  /// - Returns: of each example what is predicted of its candidate; of one that is not active, of its original.
  package func judged(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws -> [Int] {
    try callAsFunction(problem, of: model, workspace)
    var predictions = problem.goals.indices.map { problem.prediction($0) }
    let touched = problem.active.filter { !problem.isUntouched($0) }
    guard !touched.isEmpty else { return predictions }
    let logits = try model.logits(of: workspace.gathered(problem.adversarial, touched))
    for (place, n) in touched.enumerated() {
      predictions[n] = CrossEntropy.prediction(logits, place)
      // Where the original is wrong, what makes it right is what was found of it.
      if predictions[n] == problem.goals[n].label && problem.prediction(n) == problem.goals[n].label {
        problem.restore(n)
      }
    }
    return predictions
  }
}
