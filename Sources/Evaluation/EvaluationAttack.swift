// The attack by which weights are judged: untargeted PGD with restarts.

/// The attack of an evaluation.
package struct EvaluationAttack: Equatable, Sendable {
  /// ε and step in pixel units of [0, 1].
  package var epsilon: Float
  package var stepSize: Float
  package var steps: Int
  /// An example counts as robust if every restart fails.
  package var restarts: Int

  package init(epsilon: Float, stepSize: Float, steps: Int, restarts: Int) {
    self.epsilon = epsilon
    self.stepSize = stepSize
    self.steps = steps
    self.restarts = restarts
  }

  /// The name in tables, such as PGD-10 or PGD-10x5.
  package var name: String { "PGD-\(steps)" + (restarts > 1 ? "x\(restarts)" : "") }

  /// Forward passes for a block of examples: clean, and for each restart one before each step and one to judge.
  var passes: Int { 1 + restarts * (steps + 1) }

  /// A line where steps x step size is below ε, so that the surface of the ball is out of reach from its middle; nil
  /// where it is not. (The random start may lie nearer; from the far side of the ball the way is 2ε.)
  package var shortness: String? {
    let reach = Float(steps) * stepSize
    // As many steps as make ε exactly may fall short of it by rounding.
    guard reach < epsilon * (1 - 1e-6) else { return nil }
    return "steps x step size is \(steps) x \(Self.pixels(stepSize)) = \(Self.pixels(reach)), less than epsilon "
      + "\(Self.pixels(epsilon)): robust accuracy is higher than the model is robust, raise one of them"
  }

  /// A number in units of 1/255, with up to two decimals.
  private static func pixels(_ value: Float) -> String {
    let hundredths = Int((Double(value) * 25_500).rounded())
    let digits = hundredths % 100
    let decimals = digits == 0 ? "" : digits % 10 == 0 ? ".\(digits / 10)" : ".\(digits < 10 ? "0" : "")\(digits)"
    return "\(hundredths / 100)\(decimals)/255"
  }
}
