import Attacks
import Classification
import Options
import Parallelism
import Tensors
import Testing

/// What must hold of the searches of every attack that a recipe can name, in either norm, as an evaluation judges them.
@Suite struct CatalogInvariantTests {
  private static let classes = InvariantTests.classes

  /// The radii of the examples; in either norm the last ball is wider than the pixel range.
  static func radii(_ norm: Norm) -> [Float] {
    norm == .linf ? InvariantTests.epsilon : InvariantTests.epsilon.dropLast() + [1000]
  }

  /// The attacks of a plan on some examples of `InvariantTests.x`, away from what is predicted of each.
  private static func judge(
    _ name: String, _ norm: Norm, epsilon: [Float]? = nil, of order: [Int] = Array(0..<InvariantTests.examples)
  ) throws -> [(images: Tensor, predictions: [Int])] {
    let epsilon = epsilon ?? radii(norm)
    let part = try #require(attacks[name])
    // Short searches that get about in the widest ball; AutoAttack has no choice.
    let short = ["iterations": "6", "queries": "12", "steps": "6", "step-size": "1/2", "targets": "2"]
    let values = part.options.map { ($0.path, short[String($0.path.split(separator: ".").last!)] ?? $0.value) }
    let plan = part.make(
      PartValues(Dictionary(uniqueKeysWithValues: values)),
      AttackFacts(norm, epsilon: norm == .linf ? 1 : 1000, classes: classes))
    #expect(plan.norm == norm && plan.title.hasSuffix(", L2") == (norm == .l2))
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    let images = Tensor(Shape(n: order.count, h: 4, w: 4, c: 3))
    for (n, example) in order.enumerated() {
      images.image(n).update(from: InvariantTests.x.image(example), count: 48)
    }
    let model = QuadraticClassifier(classes: classes, count: 48, curvature: 1)
    let logits = model.logits(of: images)
    let labels = order.indices.map { CrossEntropy.prediction(logits, $0) }
    return try plan.stages.map { stage in
      let found = Tensor(images.shape)
      let problem = AttackProblem(
        images, into: found, goals: labels.map { .avoid($0) },
        within: ThreatModel(norm, epsilon: order.map { epsilon[$0] }),
        random: AttackRandomness(seed: 5, purpose: .test, examples: order.map { 100 + $0 }))
      let predictions = try stage.attack.judged(
        problem, of: model, AttackWorkspace(examples: order.count, classes: classes, pool: pool))
      // What is said of a candidate is what the model says.
      let said = model.logits(of: found)
      #expect(predictions == order.indices.map { CrossEntropy.prediction(said, $0) }, "\(stage.name)")
      for n in order.indices where predictions[n] == labels[n] {
        #expect((0..<48).allSatisfy { found.image(n)[$0] == images.image(n)[$0] }, "\(stage.name) keeps example \(n)")
      }
      return (found, predictions)
    }
  }

  /// Inside each example's own ball, in L∞ to the one rounding of its sum, in L2 as `distance` has it without any, and
  /// inside the pixel range.
  @Test(arguments: attacks.names, Norm.allCases) func staysInside(name: String, norm: Norm) throws {
    for (images, _) in try Self.judge(name, norm) {
      for n in 0..<InvariantTests.examples {
        let distance = ThreatModel(norm, epsilon: []).distance(images.image(n), InvariantTests.x.image(n), count: 48)
        if norm == .l2 { #expect(distance <= Self.radii(norm)[n], "\(n)") }
        for i in 0..<48 {
          let (a, x) = (images.image(n)[i], InvariantTests.x.image(n)[i])
          #expect((0...1).contains(a))
          if norm == .linf {
            #expect(abs(Double(a) - Double(x)) <= Double(InvariantTests.epsilon[n]) + 0x1p-24, "\(n) \(i)")
          }
        }
      }
    }
  }

  @Test(arguments: attacks.names, Norm.allCases) func noRadiusChangesNothing(name: String, norm: Norm) throws {
    for (images, _) in try Self.judge(name, norm, epsilon: Array(repeating: 0, count: InvariantTests.examples)) {
      let isUnchanged = images.array == InvariantTests.x.array
      #expect(isUnchanged)
    }
  }

  /// The same bits in any company and at any place; and of a ball as wide as the pixel range something is found.
  @Test(arguments: attacks.names, Norm.allCases) func independentOfTheOthers(name: String, norm: Norm) throws {
    let all = try Self.judge(name, norm)
    for order in [[3], [5, 1], [4, 3, 2, 1, 0, 5]] {
      for (some, all) in zip(try Self.judge(name, norm, of: order), all) {
        for (n, example) in order.enumerated() {
          let isEqual = some.images.images(n..<n + 1).hasBits(of: all.images.images(example..<example + 1))
          #expect(isEqual, "\(example) in \(order)")
        }
      }
    }
    #expect(all.contains { stage in !stage.images.images(5..<6).hasBits(of: InvariantTests.x.images(5..<6)) })
  }
}
