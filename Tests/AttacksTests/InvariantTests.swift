// What must hold of every attack, whatever it searches for.

import Attacks
import Classification
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct InvariantTests {
  static let examples = 6
  static let shape = Shape(n: examples, h: 4, w: 4, c: 3)
  static let classes = 5
  /// A radius for each example; none for the first, beyond the pixel range for the last.
  static let epsilon: [Float] = [0, 8.0 / 255, 1.0 / 255, 0.1, 16.0 / 255, 2]

  /// Pixels of the whole range, 0 and 1 among them.
  static let x: Tensor = {
    let x = Tensor(pictures: OracleData(seed: 32).pixels(0..<examples, height: 4, width: 4))
    for n in 0..<examples {
      x.image(n)[0] = 0
      x.image(n)[1] = 1
    }
    return x
  }()

  /// Runs an attack on some examples of `x`.
  static func run(
    _ attack: any Attack, _ goals: [Goal], epsilon: [Float] = epsilon, of order: [Int] = Array(0..<examples),
    curvature: Float = 1, restart: Int = 0
  ) throws -> Tensor {
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    let images = Tensor(Shape(n: order.count, h: 4, w: 4, c: 3))
    for (n, example) in order.enumerated() { images.image(n).update(from: x.image(example), count: 48) }
    let before = images.bits
    let adversarial = Tensor(images.shape)
    try attack(
      AttackProblem(
        images, into: adversarial, goals: order.map { goals[$0] },
        within: ThreatModel(epsilon: order.map { epsilon[$0] }),
        random: AttackRandomness(seed: 5, purpose: .test, examples: order.map { 100 + $0 }, restart: restart)),
      of: QuadraticClassifier(classes: classes, count: 48, curvature: curvature),
      AttackWorkspace(examples: order.count, classes: classes, pool: pool))
    let isUntouched = images.bits == before
    #expect(isUntouched, "the originals changed")
    return adversarial
  }

  static let goals: [[Goal]] = [
    (0..<examples).map { .avoid($0 % classes) }, (0..<examples).map { .reach($0 % classes, from: -1) },
    (0..<examples).map { $0 % 2 == 0 ? .avoid(1) : .reach(2, from: -1) },
  ]

  /// Inside each example's own ball, to the one rounding of its sum, and inside the pixel range without any.
  @Test(arguments: AttackCase.all, 0..<3) func staysInside(item: AttackCase, kind: Int) throws {
    for randomStart in [false, true] {
      for stepSize: Float in [0.5 / 255, 2.0 / 255, 0.5] {
        let found = try Self.run(item.make(5, stepSize, randomStart), Self.goals[kind])
        var worst = WorstRatio("\(item), step \(stepSize): beyond the ball")
        for n in 0..<Self.examples {
          for i in 0..<48 {
            let (a, o) = (found.image(n)[i], Self.x.image(n)[i])
            #expect((0...1).contains(a))
            worst.add(max(0, abs(Double(a) - Double(o)) - Double(Self.epsilon[n])), bound: roundoff, "\(n) \(i)")
          }
        }
        #expect(worst.isWithinBounds(), "\(worst.place)")
      }
    }
  }

  @Test(arguments: AttackCase.all) func noRadiusChangesNothing(item: AttackCase) throws {
    let found = try Self.run(
      item.make(5, 0.1, true), Self.goals[0], epsilon: Array(repeating: 0, count: Self.examples))
    let isUnchanged = found.array == Self.x.array
    #expect(isUnchanged)
  }

  /// Without steps the start is left: the original, or the addressed noise x + ε(2u − 1), clipped to the pixel range.
  @Test func noStepsStayAtTheStart() throws {
    let untouched = try Self.run(PGD(steps: 0, stepSize: 0.1, start: .original), Self.goals[0]).hasBits(of: Self.x)
    #expect(untouched)
    let found = try Self.run(PGD(steps: 0, stepSize: 0.1), Self.goals[0])
    var worst = WorstRatio("random start")
    var largest = 0.0
    for n in 0..<Self.examples {
      let stream = RandomStream(seed: 5, purpose: .test, example: 100 + n)
      for i in 0..<48 {
        let noise = 2 * Double(stream.uniform(at: i)) - 1
        largest = max(largest, abs(noise))
        let start = Double(Self.x.image(n)[i]) + noise * Double(Self.epsilon[n])
        worst.add(Double(found.image(n)[i]), min(max(start, 0), 1), bound: 4 * roundoff, "\(n) \(i)")
      }
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
    #expect(largest > 0.95)
  }

  /// Every example with a radius comes closer to its goal.
  @Test(arguments: AttackCase.all, [Float(0), 1]) func reachesForItsGoal(item: AttackCase, curvature: Float) throws {
    func losses(_ images: Tensor, _ goals: [Goal]) -> [Float] {
      let logits = QuadraticClassifier(classes: Self.classes, count: 48, curvature: curvature).logits(of: images)
      var losses = [Float](repeating: 0, count: Self.examples)
      let aims = goals.map { if case .reach(let target, _) = $0 { target } else { $0.label } }
      losses.withUnsafeMutableBufferPointer { CrossEntropy.evaluate(logits, labels: aims, losses: $0) }
      return losses
    }
    for goals in Self.goals {
      let found = try Self.run(item.make(10, 2.0 / 255, false), goals, curvature: curvature)
      for (n, (before, after)) in zip(losses(Self.x, goals), losses(found, goals)).enumerated() {
        switch goals[n] {
        case _ where Self.epsilon[n] == 0: #expect(before == after)
        case .avoid: #expect(after > before, "example \(n)")
        case .reach: #expect(after < before, "example \(n)")
        }
      }
    }
  }

  /// An example's perturbation has the same bits in any company and at any place, and again on a second run; another
  /// restart starts elsewhere.
  @Test(arguments: AttackCase.all) func independentAndRepeatable(item: AttackCase) throws {
    let attack = item.make(7, 2.0 / 255, true)
    let all = try Self.run(attack, Self.goals[2])
    let isRepeated = try Self.run(attack, Self.goals[2]).hasBits(of: all)
    #expect(isRepeated)
    for order in [[3], [5, 1], [4, 3, 2, 1, 0, 5], [2, 2]] {
      let some = try Self.run(attack, Self.goals[2], of: order)
      for (n, example) in order.enumerated() {
        let isEqual = some.images(n..<n + 1).hasBits(of: all.images(example..<example + 1))
        #expect(isEqual, "\(example) in \(order)")
      }
    }
    let start = item.make(0, 0, true)
    let isTheSame = try Self.run(start, Self.goals[2], restart: 1).hasBits(of: Self.run(start, Self.goals[2]))
    #expect(!isTheSame)
  }

  /// 8/255 is the Float nearest to it, not 0.031: where a linear model pushes, grey ends on 0.5 ± 8/255 exactly.
  @Test func theRadiusIsExact() throws {
    let epsilon = Float(8) / 255
    #expect(Double(epsilon) == Double(Float(8.0 / 255)))
    let pool = ThreadPool(threadCount: 1)
    defer { pool.stop() }
    let x = Tensor(Shape(n: 1, h: 4, w: 4, c: 3))
    for i in 0..<48 { x.pointer[i] = 0.5 }
    let found = Tensor(x.shape)
    try PGD(steps: 20, stepSize: 2.0 / 255)(
      AttackProblem(
        x, into: found, goals: [.avoid(0)], within: ThreatModel(epsilon: [epsilon]),
        random: AttackRandomness(seed: 5, purpose: .test, examples: [0])),
      of: QuadraticClassifier(classes: 2, count: 48, curvature: 0), AttackWorkspace(examples: 1, classes: 2, pool: pool)
    )
    #expect(found.elements.allSatisfy { $0 == 0.5 + epsilon || $0 == 0.5 - epsilon })
    #expect(found.elements.contains { $0 == 0.5 + epsilon } && found.elements.contains { $0 == 0.5 - epsilon })
  }

  /// A pass a step, and none for what is not asked.
  @Test func onePassAStep() throws {
    let pool = ThreadPool(threadCount: 1)
    defer { pool.stop() }
    let model = QuadraticClassifier(classes: Self.classes, count: 48, curvature: 1)
    let found = Tensor(Self.shape)
    try PGD(steps: 7, stepSize: 0.01)(
      AttackProblem(
        Self.x, into: found, goals: Self.goals[0], within: ThreatModel(epsilon: Self.epsilon),
        random: AttackRandomness(seed: 5, purpose: .test, examples: Array(0..<Self.examples))),
      of: model, AttackWorkspace(examples: Self.examples, classes: Self.classes, pool: pool))
    #expect(model.calls == 7)
  }
}
