// Attacks on the classifier of goldens/generate_attacks.py, and the comparison with what PyTorch made of them there.

import Attacks
import Classification
import Foundation
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

/// The way of an attack on one image.
struct GoldenExample: Decodable {
  let image: Int
  /// Times 255.
  let radius: Double
  let label: Int
  let target: Int
  /// The point that is misclassified within the radius.
  let broken: Int?
  /// The largest loss, and η, where the way ends.
  let best: Double?
  let step: Double?
  /// The smallest |x' − x| of misclassified points.
  let norm: Double?
  /// Sum, norm and samples of every point up to the deciding one.
  let starts: [[Double]]?
  let points: [[Double]]
}

/// Ways of APGD.
struct GoldenAPGD: Decodable {
  let loss: String
  let goals: [String]
  let classes: Int
  let restart: Int
  let examples: [GoldenExample]

  /// That ours go the same ways.
  func expectAgreement(_ golden: some GoldenSetting, in norm: Norm = .linf) throws {
    for goal in goals {
      let title = "APGD in \(norm), \(self.loss) toward \(goal), \(classes) classes"
      let loss = try #require(["crossEntropy": AttackLoss.crossEntropy, "logitRatio": .logitRatio][self.loss])
      let goals: [Goal] = examples.map { goal == "reach" ? .reach($0.target, from: $0.label) : .avoid($0.label) }
      let run = try GoldenRun(
        APGD(iterations: golden.iterations, loss: loss), golden, examples, goals, classes: classes, restart: restart,
        in: norm)
      run.expectVerdicts(title)
      // The ways lead through several halvings of η.
      #expect(examples.contains { 2 * $0.radius / 255 / $0.step! > 10 })
      let isTheWay = run.compare(run.model.passes, "points", golden.iterations + 1, title) { $0.points }
      try #require(isTheWay, "\(title)")
      run.compareLosses(loss, goals, title)
    }
  }
}

/// A single projection onto a hyperplane.
struct GoldenOffset: Decodable {
  let t: [Float]
  let w: [Float]
  let b: Float
  let offset: [Double]

  static func expectAgreement(_ items: [GoldenOffset], in norm: Norm) throws {
    var worst = WorstRatio("FAB in \(norm), offsets")
    for (k, item) in items.enumerated() {
      let found = FAB.offset(of: item.t, to: item.w, item.b, in: norm)
      try #require(found.count == item.offset.count)
      for i in found.indices { worst.add(Double(found[i]), item.offset[i], bound: 1e-6, "\(k) at \(i)") }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }
}

/// An attack on some examples of the goldens, and what its model saw.
struct GoldenRun {
  let model: WatchedClassifier
  private let golden: any GoldenSetting
  private let examples: [GoldenExample]
  private let norm: Norm
  /// The originals, what was found, and what is predicted of that.
  private let x: Tensor, found: Tensor
  private let predictions: [Int]

  init(
    _ attack: some Attack, _ golden: some GoldenSetting, _ examples: [GoldenExample], _ goals: [Goal], classes: Int,
    restart: Int = 0, in norm: Norm = .linf
  ) throws {
    let (data, side) = (OracleData(seed: golden.seed), golden.side)
    x = Tensor(
      pictures: OracleTensor(
        shape: [examples.count, 3, side, side],
        values: examples.flatMap { data.pixels($0.image..<$0.image + 1, height: side, width: side).values }))
    found = Tensor(x.shape)
    model = WatchedClassifier(golden, classes: classes)
    self.golden = golden
    self.norm = norm
    self.examples = examples

    // Both sides have the same classifier.
    let clean = WatchedClassifier(golden, classes: classes).logits(of: x)
    let labels = examples.indices.map { CrossEntropy.prediction(clean, $0) }
    try #require(labels == examples.map(\.label))

    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    let problem = AttackProblem(
      x, into: found, goals: goals, within: ThreatModel(norm, epsilon: examples.map { Float($0.radius) / 255 }),
      random: AttackRandomness(
        seed: golden.attackSeed, purpose: .evaluationAttack, examples: examples.map { 1000 + $0.image },
        restart: restart))
    predictions = try attack.judged(
      problem, of: model, AttackWorkspace(examples: examples.count, classes: classes, pool: pool))
  }

  /// Who is broken, with the last point of the way as what was found; the others have their originals back.
  func expectVerdicts(_ title: String) {
    var worst = WorstRatio("\(title): candidates")
    for (n, example) in examples.enumerated() {
      let isBroken = predictions[n] != example.label
      #expect(isBroken == (example.broken != nil), "\(title), image \(example.image)")
      if isBroken {
        add(WatchedClassifier.rows(found)[n], example.points.last!, to: &worst, "image \(example.image)")
      } else {
        let isOriginal = found.images(n..<n + 1).hasBits(of: x.images(n..<n + 1))
        #expect(isOriginal, "\(title), image \(example.image)")
      }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(title): \(worst.place)")
  }

  /// The verdicts, points and norms of FAB.
  func expectWayOfFAB(_ title: String) throws {
    expectVerdicts(title)
    // Gradients are asked for where a step begins; the point where it ends is only judged.
    let starts = model.passes.filter(\.takesGradient)
    let points = model.passes.filter { !$0.takesGradient }
    let isTheWay = [
      compare(starts, "starts", golden.iterations, title) { $0.starts! },
      compare(points, "points", golden.iterations, title) { $0.points },
    ]
    try #require(isTheWay == [true, true], "\(title)")
    compareNorms(points, title)
  }

  /// Whether the first passes are those of the goldens: each shows, in their order, the examples that no point before
  /// has decided, where PyTorch has them.
  func compare(
    _ passes: [WatchedClassifier.Pass], _ what: String, _ most: Int, _ title: String,
    _ way: (GoldenExample) -> [[Double]]
  ) -> Bool {
    var worst = WorstRatio("\(title): \(what)")
    for step in 0..<most {
      let left = examples.filter { way($0).count > step }
      if left.isEmpty { break }
      let shown = step < passes.count ? passes[step].images : []
      guard shown.count == left.count else {
        Issue.record("\(title): at \(what) \(step) are \(shown.count) images instead of \(left.map(\.image))")
        return false
      }
      for (image, example) in zip(shown, left) {
        add(image, way(example)[step], to: &worst, "image \(example.image) at \(step)")
      }
    }
    return worst.isWithinBounds()
  }

  /// The largest losses of the points up to the deciding one.
  func compareLosses(_ loss: AttackLoss, _ goals: [Goal], _ title: String) {
    var worst = WorstRatio("\(title): largest losses")
    let (z, dz) = (Tensor(Shape(n: 1, c: model.classCount)), Tensor(Shape(n: 1, c: model.classCount)))
    for (n, example) in examples.enumerated() {
      let losses = own(n, model.passes).map { pass, place in
        for k in 0..<model.classCount { z.pointer[k] = pass.logits[place][k] }
        return loss.evaluate(
          z.pointer, classes: model.classCount, goals[n], reference: z.pointer, gradient: dz.pointer)
      }
      worst.add(Double(losses.max()!), example.best!, bound: 1e-5, "image \(example.image)")
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(title): \(worst.place)")
  }

  /// How far the nearest misclassified points are from their originals.
  func compareNorms(_ passes: [WatchedClassifier.Pass], _ title: String) {
    var worst = WorstRatio("\(title): smallest norms")
    for (n, example) in examples.enumerated() {
      let norms = own(n, passes).compactMap { pass, place -> Float? in
        let z = pass.logits[place]
        if z.firstIndex(of: z.max()!) == example.label { return nil }
        let changes = pass.images[place].indices.map { pass.images[place][$0] - x.image(n)[$0] }
        return norm == .linf ? changes.map(abs).max() : changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      worst.add(Double(norms.min() ?? .infinity), example.norm!, bound: 1e-5, "image \(example.image)")
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(title): \(worst.place)")
  }

  /// The passes of an example up to the deciding one, and its place in each.
  private func own(_ n: Int, _ passes: [WatchedClassifier.Pass]) -> [(WatchedClassifier.Pass, Int)] {
    examples[n].points.indices.map { step in (passes[step], examples[..<n].count { $0.points.count > step }) }
  }

  /// Takes sum, norm and samples of an image.
  private func add(_ image: [Float], _ expected: [Double], to worst: inout WorstRatio, _ place: String) {
    let all = OracleTensor(shape: [image.count], values: image.map(Double.init))
    worst.add(all.sum, expected[0], bound: 5e-5, "sum, \(place)")
    worst.add(all.norm, expected[1], bound: 1e-5, "norm, \(place)")
    let positions = OracleData(seed: golden.seed).samplePositions(count: image.count)
    for (position, sample) in zip(positions, expected[2...]) {
      worst.add(Double(image[position]), sample, bound: 1e-5, "element \(position), \(place)")
    }
  }
}
