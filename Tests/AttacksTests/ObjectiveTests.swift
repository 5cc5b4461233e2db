import Attacks
import Classification
import Foundation
import Parallelism
import Parity
import Tensors
import Testing

/// Starts, objectives, steps of their own: PGD as TRADES, DAFA and the original FAT have it, against formulas in Double.
@Suite struct ObjectiveTests {
  static let classes = 4, examples = 6, count = 48
  static let x: Tensor = {
    let x = Tensor(Shape(n: examples, h: 4, w: 4, c: 3))
    let stream = RandomStream(seed: 18, purpose: .test, epoch: 2)
    // Black and white pixels as well: a small start leaves the range there.
    for i in 0..<x.count { x.pointer[i] = i % 7 == 0 ? Float(i % 2) : stream.uniform(at: i) }
    return x
  }()
  static func model() -> QuadraticClassifier { QuadraticClassifier(classes: classes, count: count, curvature: 0.5) }

  private static func run(
    _ attack: PGD, _ goals: [Goal], _ change: (inout ThreatModel) -> Void = { _ in }
  ) throws -> (images: Tensor, calls: Int) {
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    let (found, model) = (Tensor(x.shape), model())
    var threat = ThreatModel(epsilon: [Float](repeating: 8.0 / 255, count: examples))
    change(&threat)
    try attack(
      AttackProblem(
        x, into: found, goals: goals, within: threat,
        random: AttackRandomness(seed: 5, purpose: .test, epoch: 3, examples: Array(0..<examples))),
      of: model, AttackWorkspace(examples: examples, classes: classes, pool: pool))
    return (found, model.calls)
  }

  /// d/dx of KL(p(x) ‖ p(x')) or of CE(f(x'), k), by the chain rule in Double.
  private static func gradient(_ n: Int, at image: UnsafePointer<Float>, _ dz: (_ z: [Double]) -> [Double]) -> [Double]
  {
    let model = model()
    let tensor = Tensor(Shape(n: 1, h: 4, w: 4, c: 3))
    tensor.pointer.update(from: image, count: count)
    let logits = model.logits(of: tensor)
    let slopes = dz((0..<classes).map { Double(logits.pointer[$0]) })
    var sum = [Double](repeating: 0, count: count)
    for k in 0..<classes {
      let one = Tensor(Shape(n: 1, c: classes))
      one.pointer[k] = 1
      let dx = model.imageGradient(of: one)
      for i in 0..<count { sum[i] += slopes[k] * Double(dx.pointer[i]) }
    }
    return sum
  }

  private static func softmax(_ z: [Double]) -> [Double] {
    let sum = z.reduce(0) { $0 + exp($1) }
    return z.map { exp($0) / sum }
  }

  /// Two steps up on KL from a normal start, which is cut after the first gradient only; toward a target down on CE.
  @Test(arguments: [false, true]) func divergence(clipped: Bool) throws {
    var attack = PGD(steps: 2, stepSize: 2.0 / 255, start: .normal(deviation: 0.001, clipped: clipped))
    attack.objective = .divergence
    let goals: [Goal] = (0..<Self.examples).map { $0 % 3 == 2 ? .reach(($0 + 1) % 4, from: $0 % 4) : .avoid($0 % 4) }
    let found = try Self.run(attack, goals)
    // p(x) is taken once.
    #expect(found.calls == 3)
    let clean = Self.model().logits(of: Self.x)
    var unlike = 0
    for n in 0..<Self.examples {
      let p = Self.softmax((0..<Self.classes).map { Double(clean.image(n)[$0]) })
      let stream = RandomStream(seed: 5, purpose: .test, epoch: 3, example: n)
      let original = Self.x.image(n)
      var image = (0..<Self.count).map { i -> Float in
        let value = original[i] + 0.001 * RandomStream.normal(stream.word(at: i))
        return clipped ? min(max(value, 0), 1) : value
      }
      for _ in 0..<2 {
        let slope = image.withUnsafeBufferPointer { at in
          Self.gradient(n, at: at.baseAddress!) { z in
            let q = Self.softmax(z)
            if case .reach(let target, _) = goals[n] { return q.indices.map { ($0 == target ? 1 : 0) - q[$0] } }
            return zip(q, p).map { $0 - $1 }
          }
        }
        for i in 0..<Self.count {
          let moved = image[i] + Float(2.0 / 255) * (slope[i] > 0 ? 1 : -1)
          image[i] = min(max(original[i] + min(max(moved - original[i], -8.0 / 255), 8.0 / 255), 0), 1)
        }
      }
      unlike += (0..<Self.count).count { abs(image[$0] - found.images.image(n)[$0]) > 1e-6 }
    }
    // KL's gradient is tiny at the start: a sign in a hundred may be rounding's.
    #expect(unlike <= Self.examples * Self.count / 100)
  }

  /// Each example has its own step and number of steps.
  @Test func ownPace() throws {
    let attack = PGD(steps: 5, stepSize: 0.5, start: .original)
    let found = try Self.run(attack, (0..<Self.examples).map { .avoid($0 % 4) }) { threat in
      threat.epsilon = [Float](repeating: 0.5, count: Self.examples)
      threat.stepSize = (0..<Self.examples).map { 0.001 * Float($0 + 1) }
      threat.steps = (0..<Self.examples).map { min($0, 5) }
    }
    for n in 0..<Self.examples {
      let (image, original) = (found.images.image(n), Self.x.image(n))
      let farthest = (0..<Self.count).map { abs(image[$0] - original[$0]) }.max()!
      let most = 0.001 * Float(n + 1) * Float(min(n, 5))
      #expect(farthest <= most + 1e-6 && farthest >= most * 0.5)
    }
  }

  /// Noise in each step: with steps of no length the last place is the sum of the noises, cut to the ball.
  @Test func noise() throws {
    var attack = PGD(steps: 3, stepSize: 0, start: .original)
    attack.noise = 0.001
    let found = try Self.run(attack, (0..<Self.examples).map { .avoid($0 % 4) })
    var squares = 0.0
    for n in 0..<Self.examples {
      for i in 1..<Self.count where i % 7 != 0 && (0.1..<0.9).contains(Self.x.image(n)[i]) {
        let streams = (1...3).map { RandomStream(seed: 5, purpose: .test, epoch: 3, example: n, step: $0) }
        let sum = streams.reduce(Float(0)) { $0 + 0.001 * RandomStream.normal($1.word(at: i)) }
        let moved = found.images.image(n)[i] - Self.x.image(n)[i]
        #expect(abs(moved - sum) < 1e-6)
        squares += Double(moved * moved)
      }
    }
    #expect(squares > 0)
  }
}
