import Attacks
import Classification
import Parallelism
import Parity
import Tensors
import Testing

/// The early-stopped searches against the sources' loops, written out with lists as there, on a classifier that is
/// differentiated by hand.
@Suite struct EarlyStoppingTests {
  static let classes = 4, examples = 24, count = 48
  static let steps = 8
  static let alpha: Float = 1.0 / 255, epsilon: Float = 6.0 / 255

  static let x: Tensor = {
    let x = Tensor(Shape(n: examples, h: 4, w: 4, c: 3))
    let stream = RandomStream(seed: 17, purpose: .test, epoch: 2)
    for i in 0..<x.count { x.pointer[i] = 0.2 + 0.6 * stream.uniform(at: i) }
    return x
  }()
  static func model() -> QuadraticClassifier { QuadraticClassifier(classes: classes, count: count, curvature: 0.5) }

  /// Labels such that some examples are wrong at once, some soon, some never.
  static let labels: [Int] = {
    let logits = model().logits(of: x)
    return (0..<examples).map { n in
      let best = CrossEntropy.prediction(logits, n)
      return n % 6 == 5 ? (best + 1) % classes : best
    }
  }()

  private static func run(
    _ change: (inout PGD) -> Void, allAgree: @escaping (Bool) throws -> Bool = { $0 }
  ) throws -> (images: Tensor, calls: Int) {
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    var attack = PGD(steps: steps, stepSize: alpha, start: .original)
    change(&attack)
    let found = Tensor(x.shape)
    let model = model()
    let workspace = AttackWorkspace(examples: examples, classes: classes, pool: pool)
    workspace.allAgree = allAgree
    try attack(
      AttackProblem(
        x, into: found, goals: labels.map { .avoid($0) },
        within: ThreatModel(epsilon: [Float](repeating: epsilon, count: examples)),
        random: AttackRandomness(seed: 5, purpose: .test, examples: Array(0..<examples))),
      of: model, workspace)
    return (found, model.calls)
  }

  // MARK: - The sources' loops

  private struct Loop {
    var images: [[Float]]
    let model = EarlyStoppingTests.model()

    init() { images = (0..<examples).map { Array(UnsafeBufferPointer(start: x.image($0), count: count)) } }

    func tensor() -> Tensor {
      let tensor = Tensor(x.shape)
      for (n, image) in images.enumerated() { for i in 0..<count { tensor.image(n)[i] = image[i] } }
      return tensor
    }

    func predictions() -> [Int] {
      let logits = model.logits(of: tensor())
      return (0..<examples).map { CrossEntropy.prediction(logits, $0) }
    }

    /// One step up on the cross-entropy of some examples.
    mutating func step(_ which: [Int]) {
      let logits = model.logits(of: tensor())
      let dLogits = Tensor(logits.shape)
      CrossEntropy.evaluate(logits, labels: labels, gradient: dLogits)
      let gradient = model.imageGradient(of: dLogits)
      for n in which {
        for i in 0..<count {
          let g = gradient.image(n)[i]
          let moved = images[n][i] + (g > 0 ? alpha : g < 0 ? -alpha : 0)
          let original = x.image(n)[i]
          images[n][i] = min(max(original + min(max(moved - original, -epsilon), epsilon), 0), 1)
        }
      }
    }
  }

  /// earlystop.py: counters, misclassified examples without any left are put out.
  private static func original(budget: Int) -> Tensor {
    var loop = Loop()
    var control = [Int](repeating: budget, count: examples)
    var iterated = Array(0..<examples)
    for _ in 0..<steps where !iterated.isEmpty {
      let predictions = loop.predictions()
      var next: [Int] = []
      for n in iterated {
        if predictions[n] != labels[n] {
          if control[n] == 0 { continue }
          control[n] -= 1
        }
        next.append(n)
      }
      loop.step(next)
      iterated = next
    }
    return loop.tensor()
  }

  /// CFA's attack.py: only those with something left of their budget move.
  private static func calibrated(budget: Int) -> (images: Tensor, rounds: Int) {
    var loop = Loop()
    var control = [Int](repeating: budget, count: examples)
    var rounds = 0
    while rounds < steps {
      let predictions = loop.predictions()
      var index: [Int] = []
      for n in 0..<examples where control[n] > 0 {
        if predictions[n] != labels[n] { control[n] -= 1 }
        index.append(n)
      }
      if index.isEmpty { break }
      loop.step(index)
      rounds += 1
    }
    return (loop.tensor(), rounds)
  }

  /// The last iterate that was right; the start where that is wrong.
  private static func lastClean() -> Tensor {
    var loop = Loop()
    var before = loop.images
    var isDone = [Bool](repeating: false, count: examples)
    for _ in 0..<steps {
      let predictions = loop.predictions()
      for n in 0..<examples where !isDone[n] && predictions[n] != labels[n] {
        loop.images[n] = before[n]
        isDone[n] = true
      }
      before = loop.images
      loop.step((0..<examples).filter { !isDone[$0] })
    }
    return loop.tensor()
  }

  // MARK: -

  @Test(arguments: [0, 1, 2], StoppedExamples.allCases) func misclassified(budget: Int, stopped: StoppedExamples) throws
  {
    let found = try Self.run {
      $0.stopping = .misclassified(budget: budget)
      $0.stopped = stopped
    }
    #expect(found.images.hasBits(of: Self.original(budget: budget)))
    // Examples were done at different times, so the rule did something.
    let plain = try Self.run { _ in }
    #expect(!found.images.hasBits(of: plain.images))
  }

  @Test(arguments: [1, 2, 3]) func spentBudget(budget: Int) throws {
    let expected = Self.calibrated(budget: budget)
    for stopped in StoppedExamples.allCases {
      let found = try Self.run {
        $0.stopping = .spentBudget(budget)
        $0.stopped = stopped
      }
      #expect(found.images.hasBits(of: expected.images), "\(stopped)")
    }
  }

  /// In CFA's loop a forward pass comes before the rounds and one in each of them.
  @Test func theLastIteratesPassToo() throws {
    let found = try Self.run {
      $0.stopping = .spentBudget(3)
      $0.passesLast = true
    }
    let expected = Self.calibrated(budget: 3)
    #expect(found.images.hasBits(of: expected.images))
    #expect(found.calls == expected.rounds + 1)
  }

  @Test(arguments: StoppedExamples.allCases) func beforeMisclassified(stopped: StoppedExamples) throws {
    let found = try Self.run {
      $0.stopping = .beforeMisclassified
      $0.stopped = stopped
    }
    #expect(found.images.hasBits(of: Self.lastClean()))
    // What was right stays right.
    let before = Self.model().logits(of: Self.x)
    let after = Self.model().logits(of: found.images)
    let lost = (0..<Self.examples).count { n in
      CrossEntropy.prediction(before, n) == Self.labels[n] && CrossEntropy.prediction(after, n) != Self.labels[n]
    }
    // Only a last iterate, which nobody judges, may be wrong.
    #expect(lost <= Self.examples / 4)
  }

  /// A rank whose examples are all done goes on making passes until those of the others are.
  @Test func aRankThatIsDoneWaits() throws {
    var asked = 0
    let found = try Self.run({ $0.stopping = .spentBudget(1) }) { _ in
      asked += 1
      return false
    }
    #expect(asked == Self.steps && found.calls == Self.steps)
    #expect(found.images.hasBits(of: Self.calibrated(budget: 1).images))
  }
}
