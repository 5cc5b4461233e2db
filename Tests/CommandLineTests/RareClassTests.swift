import Foundation
import Launching
import Testing

/// Classes with few images or none, labels that nobody meant, beginnings that never come: refused in one line, or noted.
@Suite(.serialized) struct RareClassTests {
  /// So many labels of each class, in turns.
  private static func labels(_ counts: [Int]) -> [Int] {
    (0..<counts.max()!).flatMap { i in counts.indices.filter { i < counts[$0] } }
  }

  static let cases = [
    BadInputTests.Case(
      name: "labels from 1", code: 65,
      words: ["own: labels go from 1 to 3", "do they start at 1?", "less 1", "class_names.txt"],
      arguments: ["--data own"],
      prepare: { try $0.writeNPY(train: [1, 2, 3, 1, 2, 3, 3, 1], test: [3, 1, 2]) }),
    BadInputTests.Case(
      name: "a stray label", code: 65,
      words: [
        "197 of 201 classes have no image (3, 4, 5, 6, 7, ...)", "label 200, the first at 4", "without a label?",
      ],
      arguments: ["--data own"],
      prepare: { try $0.writeNPY(train: [0, 1, 2, 0, 200, 1, 2, 0], test: [2, 1, 0]) }),
    BadInputTests.Case(
      name: "a label that marks nothing", code: 65,
      words: ["test_labels.npy: label 1 (from 0) is 65535", "Leave those out"],
      arguments: ["--data own"],
      prepare: { try $0.writeNPY(train: [0, 1, 2, 0], test: [2, 65_535, 0]) }),
    BadInputTests.Case(
      name: "more classes than model.classes", code: 65, words: ["1 of 6 classes has no image (4)", "model.classes=6"],
      arguments: ["--data own", "model.classes=5"],
      prepare: { try $0.writeNPY(train: [0, 1, 2, 3, 5], test: [2]) }),
  ]

  @Test(arguments: cases) func isRefusedInOneLine(_ example: BadInputTests.Case) throws {
    let scene = Scene()
    try example.prepare(scene)
    let outcome = try Program.run(BadInputTests.arguments(example), in: scene.folder)
    BadInputTests.expect(outcome, example, scene)
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed"), arguments: cases.prefix(2))
  func isRefusedByOneOfTwoRanks(_ example: BadInputTests.Case) throws {
    let scene = Scene()
    try example.prepare(scene)
    let arguments = BadInputTests.arguments(example)
    BadInputTests.expect(try Program.runRanks([arguments, arguments], in: scene.folder), example, scene)
  }

  private struct Result: Decodable {
    let cleanAccuracy: Double, robustAccuracy: Double, cleanWorst: Double, robustWorst: Double
    let classClean: [Double?], classRobust: [Double?]
  }
  private struct Epoch: Decodable {
    let kind: String
    let validation: [String: Result]?
    let test: [String: Result]?
  }

  /// The last epoch's raw results.
  private func results(_ scene: Scene) throws -> (validation: Result, test: Result) {
    let text = try String(contentsOfFile: scene.path("run/metrics.jsonl"), encoding: .utf8)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let epochs = try text.split(separator: "\n").map { try decoder.decode(Epoch.self, from: Data($0.utf8)) }
    let last = try #require(epochs.last { $0.kind == "epoch" })
    return (try #require(last.validation?["raw"]), try #require(last.test?["raw"]))
  }

  /// 2 % of 30 and of 12 are none; the class of one image cannot be judged.
  @Test func aRareClassIsJudgedOrNamed() throws {
    let scene = Scene()
    try scene.writeNPY(train: Self.labels([100, 30, 12, 1]), test: Self.labels([6, 6, 6, 6]))
    let outcome = try scene.train("--data own", "averaging.start=0", "data.validation=0.02")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    for note in [
      "1 of 4 classes has too few training images to hold one out for validation (class 3 has 1): ",
      "3 of 4 classes have fewer than 20 validation images (class 0 has 2, class 1 has 1, class 2 has 1): ",
    ] { #expect(outcome.output.contains(note), "\(outcome.output)") }
    let validation = try results(scene).validation
    #expect(validation.classRobust.map { $0 == nil } == [false, false, false, true])
    #expect(FileManager.default.fileExists(atPath: scene.path("run/best.json")))
    let log = try String(contentsOfFile: scene.path("run/log.txt"), encoding: .utf8)
    #expect(log.contains("class 3 has 1"))
  }

  @Test func aClassInOneSplitOnlyIsNamed() throws {
    let scene = Scene()
    try scene.writeNPY(train: Self.labels([20, 20, 20, 0]), test: [0, 1, 3, 3])
    let outcome = try scene.train("--data own")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("1 of 4 classes has no training image (class 3): "))
    #expect(outcome.output.contains("1 of 4 classes has no test image (class 2): "))
    #expect(outcome.output.contains("; 1 of 4 classes has no example: class 2"))
  }

  @Test(arguments: [150, 1000]) func theWorstClassIsOneThatHasExamples(classes: Int) throws {
    let scene = Scene()
    let outcome = try scene.train("model.classes=\(classes)", "training.epochs=2")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(
      outcome.output.contains("model.classes is \(classes), the data has 10 classes: \(classes - 10) have no image"))
    let results = try results(scene)
    for result in [results.validation, results.test] {
      // One validation and one test image of each class: the mean of accuracies is that of all images.
      #expect(result.cleanWorst == result.classClean.compactMap { $0 }.min())
      #expect(result.robustWorst == result.classRobust.compactMap { $0 }.min())
      #expect(result.cleanWorst <= result.cleanAccuracy && result.robustWorst <= result.robustAccuracy)
      #expect(result.classClean.compactMap { $0 }.count == 10)
    }
  }

  @Test func beginningsThatNeverComeAreNoted() throws {
    let scene = Scene()
    let outcome = try scene.train("averaging.start=1", "training.milestones=[9,4]")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[1].hasPrefix("with one epoch prior and margins stay as they are: "))
    #expect(lines[2].hasPrefix("with one epoch the learning rate does not fall at 9, 4 "))
    #expect(lines[3].hasPrefix("with one epoch EMA and FAWA take in no weights: "))
  }

  @Test func cifarCutAtARecordIsNoted() throws {
    let scene = Scene()
    try scene.writeCIFAR(records: 30)
    // The limit reaches into the second file.
    let outcome = try scene.train("data.name=cifar10", "data.path=data", "data.limit-train=40")
    #expect(outcome.code == 0, "\(outcome.errors)")
    for name in ["data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"] {
      #expect(
        outcome.output.contains("\(name) has 30 records, the official file 10000: was it cut short? get it with: "))
    }
  }

  // MARK: - A copied run

  @Test func aCopyOfALiveRunIsNotInUse() throws {
    let scene = Scene()
    let live = try scene.startTraining()
    defer { live.terminate() }
    // Ten checkpoints a second come and go: now and then one goes while it is copied.
    var isCopied = false
    for _ in 0..<20 where !isCopied {
      try? FileManager.default.removeItem(atPath: scene.path("copy"))
      isCopied = try Program.command(["cp", "-r", "run", "copy"], in: scene.folder).code == 0
    }
    #expect(isCopied)
    try Data().write(to: URL(fileURLWithPath: scene.path("copy/STOP")))
    let copy = try Program.run(Scene.training("training.epochs=100000", run: "copy"), in: scene.folder)
    #expect(copy.code == 0 && copy.errors.isEmpty, "\(copy.errors)")
    #expect(copy.output.contains("taking over the lock of pid \(live.processIdentifier) "))
    #expect(copy.output.contains("this directory is a copy, that process works in another one ("))
    #expect(scene.contents("copy")?.contains("lock") == false)
    // The original is still kept.
    let second = try scene.train("training.epochs=100000")
    #expect(second.code == 73 && second.ownErrors.first?.contains("in use by pid") == true, "\(second.errors)")
    kill(live.processIdentifier, SIGUSR1)
    live.waitUntilExit()
    #expect(live.terminationStatus == 75)
  }
}
