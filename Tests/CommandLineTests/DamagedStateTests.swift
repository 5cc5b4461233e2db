import Checkpoints
import Foundation
import Testing

/// A `state.json` whose digest is right and whose values no run has: 65 with a line, before anything is trained.
@Suite(.serialized) struct DamagedStateTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let path: [String]
    let value: Double
    /// What the line must say.
    let words: String
    /// Whether the file alone tells, so that `evaluate` refuses it too.
    var tells = true

    var testDescription: String { "\(path.joined(separator: ".")) = \(value)" }
  }

  static let cases = [
    Case(path: ["epoch"], value: -1, words: "epoch is -1"),
    Case(path: ["step"], value: 1e18, words: "step is 1000000000000000000"),
    Case(path: ["epoch"], value: 7, words: "it is of epoch 7, its fairness of epoch 0"),
    Case(path: ["fairness", "prior", "probabilities", "0"], value: -0.5, words: "prior holds no probabilities"),
    Case(path: ["fairness", "prior", "probabilities", "3"], value: 0.5, words: "they sum to 1.4"),
    Case(path: ["fairness", "settings", "rows", "2", "steps"], value: -4, words: "the setting of class 2 is none"),
    Case(path: ["fairness", "settings", "rows", "9", "epsilon"], value: -1, words: "the setting of class 9 is none"),
    Case(path: ["fairness", "epochCounts", "correct", "0"], value: 50, words: "more hits than examples of the epoch"),
    Case(
      path: ["fairness", "intervalCounts", "false_positives", "1"], value: -1, words: "a count is out of range"),
    Case(path: ["lossSum"], value: 9_221_120_237_041_090_560, words: "the sum of losses is nan"),
    Case(path: ["accepted", "ema"], value: 4, words: "ema took in 4 epochs of 0"),
    Case(path: ["stepInEpoch"], value: 1, words: "step 2 of the run is step 1 of epoch 0", tells: false),
    Case(path: ["stepInEpoch"], value: 4, words: "step 4 of an epoch of 3", tells: false),
  ]

  /// The value at a path of keys and indices replaced.
  private static func set(_ path: ArraySlice<String>, _ value: Double, in node: Any) throws -> Any {
    guard let key = path.first else {
      if let whole = Int64(exactly: value) { return NSNumber(value: whole) }
      return UInt64(exactly: value).map { NSNumber(value: $0) } ?? NSNumber(value: value)
    }
    if var object = node as? [String: Any] {
      object[key] = try set(path.dropFirst(), value, in: try #require(object[key]))
      return object
    }
    var list = try #require(node as? [Any])
    let index = try #require(Int(key))
    list[index] = try set(path.dropFirst(), value, in: list[index])
    return list
  }

  @Test(arguments: cases) func isRefusedInOneLine(_ example: Case) throws {
    let scene = Scene()
    // The checkpoint after two of three steps.
    #expect(try scene.train("checkpoint.every-steps=2", "checkpoint.keep=9").code == 0)
    let checkpoint = try #require(try scene.checkpoints().first { $0.step == 2 })
    let names = try FileManager.default.contentsOfDirectory(atPath: checkpoint.directory).filter { $0 != "DONE" }
    let files = try names.sorted().map { name -> CheckpointFile in
      var data = try Data(contentsOf: URL(fileURLWithPath: checkpoint.path(of: name)))
      if name == "state.json" {
        let state = try Self.set(example.path[...], example.value, in: try JSONSerialization.jsonObject(with: data))
        data = try JSONSerialization.data(withJSONObject: state)
      }
      return CheckpointFile(name, data)
    }
    let store = RunDirectory(scene.path("damaged")).store
    try FileManager.default.createDirectory(atPath: scene.path("damaged"), withIntermediateDirectories: false)
    _ = try store.write(step: 2, files: files)

    let outcome = try scene.train(run: "damaged")
    #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(outcome.code) \(outcome.errors)")
    #expect(outcome.ownErrors.first?.contains(example.words) == true, "\(outcome.errors)")
    guard example.tells else { return }
    let evaluation = try Program.run(["evaluate", "--checkpoint", "damaged"], in: scene.folder)
    #expect(
      evaluation.code == 65 && evaluation.ownErrors.first?.contains(example.words) == true, "\(evaluation.errors)")
  }
}
