// Every attack that an evaluation can name. A new one is a file beside this and a line here.

import Options

/// What an attack must know of the rest.
package struct AttackFacts: Sendable {
  /// The norm of the ball.
  package var norm: Norm
  /// Its radius, pixels in [0, 1].
  package var epsilon: Float
  /// K.
  package var classes: Int

  package init(_ norm: Norm = .linf, epsilon: Float, classes: Int) {
    self.norm = norm
    self.epsilon = epsilon
    self.classes = classes
  }
}

package let attacks = Catalog<AttackFacts, AttackPlan>(
  "attack", [.pgd, .fgsm, .apgdCE, .apgdDLR, .apgdT, .fab, .fabT, .square, .autoAttack, .autoAttackPlus])

typealias AttackPart = Part<AttackFacts, AttackPlan>

/// Options that several attacks have.
enum AttackOption {
  static let section = "evaluation.attack"
  static let restarts = PartOption(
    "\(section).restarts", .whole(Limits.restarts), 1, "random starts; the worst counts")
  static let iterations = PartOption(
    "\(section).iterations", .whole(1...Limits.attackSteps.upperBound), 100, "of each search")
  static let targets = PartOption(
    "\(section).targets", .whole(1...100), 9, "classes that are tried, the likeliest first")
  static let queries = PartOption(
    "\(section).queries", .whole(1...Limits.attackSteps.upperBound - 1), 5000, "squares that are tried")
}

extension PartValues {
  fileprivate func attack(_ key: String) -> Int { whole("\(AttackOption.section).\(key)") }
}

extension AttackPart {
  static let pgd = AttackPart(
    "pgd", "projected gradient descent with a fixed step (Madry et al. 2018)",
    options: [
      PartOption("\(AttackOption.section).step-size", .real(Limits.distances), "2/255", "of one step of PGD"),
      PartOption("\(AttackOption.section).steps", .whole(Limits.attackSteps), 10, "of PGD"),
      AttackOption.restarts,
      PartOption(
        "\(AttackOption.section).loss", FieldCodec<EvaluationLoss>.choice, .crossEntropy,
        "what PGD climbs: cross-entropy, logit-ratio (DLR), margin"),
    ]
  ) { values, facts in
    .pgd(
      steps: values.attack("steps"), stepSize: values.real("\(AttackOption.section).step-size").float,
      restarts: values.attack("restarts"), in: facts.norm, epsilon: facts.epsilon,
      loss: values.value("\(AttackOption.section).loss", FieldCodec<EvaluationLoss>.choice))
  }

  static let fgsm = AttackPart("fgsm", "one step of the whole radius, from the image itself (Goodfellow et al. 2015)") {
    _, facts in
    AttackPlan(
      "FGSM", in: facts.norm, epsilon: facts.epsilon,
      [.init("fgsm", PGD(steps: 1, stepSize: facts.epsilon, start: .original))], attacksAll: true)
  }

  static let apgdCE = apgd("apgd-ce", "APGD-CE", .crossEntropy, "APGD on cross-entropy (Croce and Hein 2020)")
  static let apgdDLR = apgd("apgd-dlr", "APGD-DLR", .logitRatio, "APGD on the difference of logits ratio")

  private static func apgd(_ name: String, _ title: String, _ loss: AttackLoss, _ summary: String) -> AttackPart {
    AttackPart(name, summary, options: [AttackOption.iterations, AttackOption.restarts]) { values, facts in
      let (iterations, restarts) = (values.attack("iterations"), values.attack("restarts"))
      return AttackPlan(
        "\(title)-\(iterations)" + (restarts > 1 ? "x\(restarts)" : ""), in: facts.norm, epsilon: facts.epsilon,
        [.init(name, APGD(iterations: iterations, loss: loss), restarts: restarts)])
    }
  }

  static let apgdT = targeted("apgd-t", "APGD-T", "APGD toward the likeliest wrong classes, targeted DLR") {
    APGD(iterations: $0, loss: .logitRatio)
  }
  static let fab = AttackPart(
    "fab", "FAB toward the nearest boundary, whichever class it is of (Croce and Hein 2020)",
    options: [AttackOption.iterations, AttackOption.restarts]
  ) { values, facts in
    let (iterations, restarts) = (values.attack("iterations"), values.attack("restarts"))
    return AttackPlan(
      "FAB-\(iterations)" + (restarts > 1 ? "x\(restarts)" : ""), in: facts.norm, epsilon: facts.epsilon,
      [.init("fab", FAB.restarted(iterations: iterations, restarts))])
  }
  static let fabT = targeted("fab-t", "FAB-T", "FAB toward the likeliest wrong classes (Croce and Hein 2020)") {
    FAB(iterations: $0)
  }

  private static func targeted(
    _ name: String, _ title: String, _ summary: String, _ attack: @escaping @Sendable (Int) -> any Attack
  ) -> AttackPart {
    AttackPart(name, summary, options: [AttackOption.iterations, AttackOption.targets]) { values, facts in
      let (iterations, targets) = (values.attack("iterations"), values.attack("targets"))
      var plan = AttackPlan(
        "\(title)-\(iterations)" + (targets == 9 ? "" : ", \(targets) targets"), in: facts.norm, epsilon: facts.epsilon,
        [.init(name, Targets(attack(iterations), count: targets))])
      plan.notes = AttackPlan.notes(targets: targets, facts)
      return plan
    }
  }

  static let square = AttackPart(
    "square", "the black-box Square attack (Andriushchenko et al. 2020)",
    options: [AttackOption.queries, AttackOption.restarts]
  ) { values, facts in
    let (queries, restarts) = (values.attack("queries"), values.attack("restarts"))
    return AttackPlan(
      "Square-\(queries)" + (restarts > 1 ? "x\(restarts)" : ""), in: facts.norm, epsilon: facts.epsilon,
      [.init("square", Square(queries: queries), restarts: restarts)])
  }

  static let autoAttack = AttackPart(
    "autoattack", "AutoAttack, standard: APGD-CE, APGD-T, FAB-T, Square (Croce and Hein 2020)"
  ) { _, facts in
    var plan = AttackPlan(
      "AutoAttack", in: facts.norm, epsilon: facts.epsilon,
      [
        .init("apgd-ce", APGD(loss: .crossEntropy)), .init("apgd-t", Targets(APGD(loss: .logitRatio))),
        .init("fab-t", Targets(FAB())), .init("square", Square()),
      ])
    plan.notes = AttackPlan.notes(targets: 9, facts)
    return plan
  }

  static let autoAttackPlus = AttackPart(
    "autoattack-plus",
    "AutoAttack, plus: APGD-CE, APGD-DLR and FAB with 5 restarts, Square, APGD-T, FAB-T (Croce and Hein 2020)"
  ) { _, facts in
    var plan = AttackPlan(
      "AutoAttack+", in: facts.norm, epsilon: facts.epsilon,
      [
        .init("apgd-ce", APGD(loss: .crossEntropy), restarts: 5),
        .init("apgd-dlr", APGD(loss: .logitRatio), restarts: 5), .init("fab", FAB.restarted(5)),
        .init("square", Square()), .init("apgd-t", Targets(APGD(loss: .logitRatio))), .init("fab-t", Targets(FAB())),
      ])
    plan.notes = AttackPlan.notes(targets: 9, facts)
    return plan
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
    steps: Int, stepSize: Float, restarts: Int = 1, in norm: Norm = .linf, epsilon: Float,
    loss: EvaluationLoss = .crossEntropy
  ) -> AttackPlan {
    var attack = PGD(steps: steps, stepSize: stepSize)
    attack.objective = loss.loss
    return AttackPlan(
      "PGD-\(steps)" + (restarts > 1 ? "x\(restarts)" : "") + (loss == .crossEntropy ? "" : ", \(loss.rawValue)"),
      in: norm, epsilon: epsilon, [Stage("pgd", attack, restarts: restarts)], attacksAll: true,
      shortness: shortness(steps: steps, stepSize: stepSize, norm, epsilon: epsilon))
  }

  /// A line where steps x step size is below ε, so that the surface of the ball is out of reach from its middle.
  /// (The random start may lie nearer; from the far side of the ball the way is 2ε.)
  private static func shortness(steps: Int, stepSize: Float, _ norm: Norm, epsilon: Float) -> String? {
    let reach = Float(steps) * stepSize
    func text(_ value: Float) -> String { norm == .linf ? pixels(value) : norm.text(value) }
    // As many steps as make ε exactly may fall short of it by rounding.
    guard reach < epsilon * (1 - 1e-6) else { return nil }
    return "steps x step size is \(steps) x \(text(stepSize)) = \(text(reach)), less than epsilon "
      + "\(text(epsilon)): robust accuracy is higher than the model is robust, raise one of them"
  }

  /// A number in units of 1/255, with up to two decimals.
  private static func pixels(_ value: Float) -> String {
    let hundredths = Int((Double(value) * 25_500).rounded())
    let digits = hundredths % 100
    let decimals = digits == 0 ? "" : digits % 10 == 0 ? ".\(digits / 10)" : ".\(digits < 10 ? "0" : "")\(digits)"
    return "\(hundredths / 100)\(decimals)/255"
  }

  /// What few classes make of targeted attacks.
  fileprivate static func notes(targets: Int, _ facts: AttackFacts) -> [String] {
    guard facts.classes - 1 < targets else { return [] }
    let ratio =
      facts.classes > 3
      ? ""
      : facts.classes == 3
        ? "; the targeted ratio of logits is the margin, since there is no fourth"
        : "; ratios of logits are margins, since there is no third"
    return [
      "\(facts.classes) classes: targeted attacks try the \(facts.classes - 1) wrong "
        + "\(facts.classes == 2 ? "class" : "classes"), not \(targets)\(ratio)"
    ]
  }
}
