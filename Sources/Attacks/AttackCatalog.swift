// Every attack that an evaluation can name. A new one is a file beside this and a line here.

import Options

/// What an attack must know of the rest.
package struct AttackFacts: Sendable {
  /// Radius of the ball, pixels in [0, 1].
  package var epsilon: Float
  /// K.
  package var classes: Int

  package init(epsilon: Float, classes: Int) {
    self.epsilon = epsilon
    self.classes = classes
  }
}

package let attacks = Catalog<AttackFacts, AttackPlan>(
  "attack", [.pgd, .fgsm])

typealias AttackPart = Part<AttackFacts, AttackPlan>

/// Options that several attacks have.
enum AttackOption {
  static let section = "evaluation.attack"
  static let restarts = PartOption(
    "\(section).restarts", .whole(Limits.restarts), 1, "random starts; the worst counts")
}

extension PartValues {
  fileprivate func attack(_ key: String) -> Int { whole("\(AttackOption.section).\(key)") }
}

extension AttackPart {
  static let pgd = AttackPart(
    "pgd", "projected gradient descent with a fixed step (Madry et al. 2018)",
    options: [
      PartOption("\(AttackOption.section).step-size", .unit, "2/255", "of one step of PGD"),
      PartOption("\(AttackOption.section).steps", .whole(Limits.attackSteps), 10, "of PGD"),
      AttackOption.restarts,
      PartOption(
        "\(AttackOption.section).loss", FieldCodec<EvaluationLoss>.choice, .crossEntropy,
        "what PGD climbs: cross-entropy, logit-ratio (DLR), margin"),
    ]
  ) { values, facts in
    .pgd(
      steps: values.attack("steps"), stepSize: values.real("\(AttackOption.section).step-size").float,
      restarts: values.attack("restarts"), epsilon: facts.epsilon,
      loss: values.value("\(AttackOption.section).loss", FieldCodec<EvaluationLoss>.choice))
  }

  static let fgsm = AttackPart("fgsm", "one step of the whole radius, from the image itself (Goodfellow et al. 2015)") {
    _, facts in
    AttackPlan(
      "FGSM", epsilon: facts.epsilon,
      [.init("fgsm", PGD(steps: 1, stepSize: facts.epsilon, start: .original))], attacksAll: true)
  }
}

/// What PGD of an evaluation may climb.
package enum EvaluationLoss: String, CaseIterable, Sendable {
  case crossEntropy = "cross-entropy"
  case logitRatio = "logit-ratio"
  case margin

  var loss: AttackLoss {
    switch self {
    case .crossEntropy: .crossEntropy
    case .logitRatio: .logitRatio
    case .margin: .margin
    }
  }
}

extension AttackPlan {
  /// Untargeted PGD from random starts.
  package static func pgd(
    steps: Int, stepSize: Float, restarts: Int = 1, epsilon: Float, loss: EvaluationLoss = .crossEntropy
  ) -> AttackPlan {
    var attack = PGD(steps: steps, stepSize: stepSize)
    attack.objective = loss.loss
    return AttackPlan(
      "PGD-\(steps)" + (restarts > 1 ? "x\(restarts)" : "") + (loss == .crossEntropy ? "" : ", \(loss.rawValue)"),
      epsilon: epsilon, [Stage("pgd", attack, restarts: restarts)], attacksAll: true,
      shortness: shortness(steps: steps, stepSize: stepSize, epsilon: epsilon))
  }

  /// A line where steps x step size is below ε, so that the surface of the ball is out of reach from its middle.
  /// (The random start may lie nearer; from the far side of the ball the way is 2ε.)
  private static func shortness(steps: Int, stepSize: Float, epsilon: Float) -> String? {
    let reach = Float(steps) * stepSize
    // As many steps as make ε exactly may fall short of it by rounding.
    guard reach < epsilon * (1 - 1e-6) else { return nil }
    return "steps x step size is \(steps) x \(pixels(stepSize)) = \(pixels(reach)), less than epsilon "
      + "\(pixels(epsilon)): robust accuracy is higher than the model is robust, raise one of them"
  }

  /// A number in units of 1/255, with up to two decimals.
  private static func pixels(_ value: Float) -> String {
    let hundredths = Int((Double(value) * 25_500).rounded())
    let digits = hundredths % 100
    let decimals = digits == 0 ? "" : digits % 10 == 0 ? ".\(digits / 10)" : ".\(digits < 10 ? "0" : "")\(digits)"
    return "\(hundredths / 100)\(decimals)/255"
  }
}
