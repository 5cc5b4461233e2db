import Attacks
import Foundation
import Kernels
import Parallelism
import Tensors
import Testing

/// The L2 ball: where its projection leads, how exactly, and where searches begin.
@Suite struct EuclideanTests {
  private static let count = 3 * 16 * 16

  /// x, and x + δ with ‖δ‖ about `length`.
  private static func pair(_ k: Int, length: Double) -> (x: [Float], moved: [Float]) {
    let stream = RandomStream(seed: 41, purpose: .test, example: k)
    let x = (0..<count).map { stream.uniform(at: $0) }
    let scale = length / Double(count).squareRoot()
    return (x, (0..<count).map { x[$0] + Float(scale) * RandomStream.normal(stream.word(at: count + $0)) })
  }

  /// ‖a − b‖ in Double, by plain addition.
  private static func distance(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
  }

  /// Π by its formula in Double, to the rounding of a pixel; no image outside, none that moves again, and none that was inside moves
  /// at all.
  @Test(arguments: [0.01, 0.4, 0.7, 30]) func projection(length: Double) {
    let epsilon: Float = 0.5
    for k in 0..<40 {
      let (x, moved) = Self.pair(k, length: length)
      var found = moved
      EuclideanBall.project(&found, around: x, epsilon: epsilon, count: Self.count)
      let factor = min(1, Double(epsilon) / Self.distance(moved, x))
      for i in x.indices {
        let wanted = min(max(Double(x[i]) + factor * (Double(moved[i]) - Double(x[i])), 0), 1)
        #expect(abs(Double(found[i]) - wanted) <= 0x1p-24, "\(k) \(i)")
      }
      #expect(EuclideanBall.distance(found, x, count: Self.count) <= epsilon)
      var again = found
      EuclideanBall.project(&again, around: x, epsilon: epsilon, count: Self.count)
      #expect(again == found)
    }
  }

  /// Where nothing is cut, the surface is reached to the roundings of the pixels.
  @Test func theRadiusIsReached() {
    let x = [Float](repeating: 0.5, count: Self.count)
    var found = (0..<Self.count).map { Float($0 % 5) / 9 }
    EuclideanBall.project(&found, around: x, epsilon: 0.25, count: Self.count)
    let distance = Double(EuclideanBall.distance(found, x, count: Self.count))
    #expect(distance <= 0.25 && distance > 0.25 - 0x1p-24 * Double(Self.count).squareRoot())
  }

  /// Zero, and no number, are no direction.
  @Test(arguments: [Float(0), .nan, .infinity]) func noDirection(value: Float) {
    let (x, start) = Self.pair(1, length: 0)
    var found = start
    EuclideanBall.step(
      &found, original: x, gradient: [Float](repeating: value, count: Self.count), step: 0.1, epsilon: 0.5,
      count: Self.count)
    #expect(found == x)
  }

  /// A uniform start: its length over the radius is uniform, its direction has no preference; a far one reaches the surface, or
  /// half of the way.
  @Test func starts() throws {
    let examples = 400
    let epsilon: Float = 0.3
    let pool = ThreadPool(threadCount: 1)
    defer { pool.stop() }
    let shape = Shape(n: examples, h: 4, w: 4, c: 3)
    let x = Tensor(shape)
    for i in 0..<x.count { x.pointer[i] = 0.5 }
    func found(_ attack: some Attack) throws -> (lengths: [Double], sum: Double) {
      let candidates = Tensor(shape)
      try attack(
        AttackProblem(
          x, into: candidates, goals: Array(repeating: .avoid(0), count: examples),
          within: ThreatModel(.l2, epsilon: Array(repeating: epsilon, count: examples)),
          random: AttackRandomness(seed: 5, purpose: .test, examples: Array(0..<examples))),
        of: QuadraticClassifier(classes: 2, count: 48, curvature: 0),
        AttackWorkspace(examples: examples, classes: 2, pool: pool))
      let lengths = (0..<examples).map {
        Double(EuclideanBall.distance(candidates.image($0), x.image($0), count: 48) / epsilon)
      }
      return (lengths, candidates.elements.reduce(0) { $0 + Double($1) - 0.5 })
    }
    let (lengths, sum) = try found(PGD(steps: 0, stepSize: 0.1))
    // 400 uniform numbers: mean and mean square within five deviations.
    let mean = lengths.reduce(0, +) / Double(examples)
    let square = lengths.reduce(0) { $0 + $1 * $1 } / Double(examples)
    #expect(abs(mean - 0.5) < 5 * 0.289 / 20 && abs(square - 1.0 / 3) < 5 * 0.299 / 20)
    #expect(lengths.min()! < 0.05 && lengths.max()! > 0.95)
    // A coordinate's deviation is ε/√(3·48); there are 400·48 of them.
    #expect(abs(sum) < 5 * Double(epsilon) / (3 * 48).squareRoot() * (400 * 48).squareRoot())
  }
}
