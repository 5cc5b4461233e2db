import Checkpoints
import Foundation
import Rewriting
import Testing

/// Weights that nothing can be computed with, and evaluations that say less than they seem to.
@Suite struct BrokenWeightsTests {
  let scene = Scene()

  private func rewriting(_ run: String = "run") throws -> Rewriting {
    Rewriting(try #require(try scene.checkpoints(run).last))
  }

  private func evaluate(ranks: Int = 1, _ arguments: String...) throws -> Program.Outcome {
    try evaluate(ranks: ranks, arguments)
  }

  private func evaluate(ranks: Int, _ arguments: [String]) throws -> Program.Outcome {
    let whole = ["evaluate", "--threads", "1", "--checkpoint", "run"] + arguments
    return ranks == 1
      ? try Program.run(whole, in: scene.folder)
      : try Program.runRanks(Array(repeating: whole, count: ranks), in: scene.folder)
  }

  private func warnings(_ file: String) throws -> [[String: String]] {
    let data = try #require(FileManager.default.contents(atPath: scene.path(file)))
    let results = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    return try #require(results[0]["warnings"] as? [[String: String]])
  }

  /// For an evaluation, weights to start from, and a resume.
  @Test(
    arguments: [
      ("linear.bias", 2, -Float.infinity, "value 2 (from 0) is infinite"),
      ("layer2.1.bn1.running_var", 7, -0.5, "value 7 (from 0) is -0.5, and a variance is never negative"),
      ("layer4.1.conv2.weight", 36_863, .nan, "value 36863 (from 0) is NaN (1 broken value of 36864)"),
    ] as [(String, Int, Float, String)])
  func areNamed(tensor: String, index: Int, value: Float, says text: String) throws {
    #expect(try scene.train().code == 0)
    try rewriting().set(tensor, in: "model.safetensors", at: index, to: value)
    let path = try rewriting().checkpoint.path(of: "model.safetensors")
    var outcomes = [
      try evaluate("--json", "r.json"), try scene.train("model.start-from=run", run: "second"),
      try scene.train("model.start-from=\(path)", run: "second"), try scene.train(),
    ]
    if Program.hasRanks { outcomes.append(try evaluate(ranks: 2)) }
    for outcome in outcomes {
      #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("\(tensor) in ") && outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(scene.contents("second") == nil && scene.contents(".")?.contains("r.json") == false)
    #expect(scene.leftovers().isEmpty)
  }

  @Test func momentumIsReadOnAResume() throws {
    #expect(try scene.train().code == 0)
    try rewriting().set("layer1.0.bn2.weight", in: "optimizer.safetensors", at: 0, to: .nan)
    let resumed = try scene.train()
    #expect(resumed.code == 65 && resumed.errors.contains("layer1.0.bn2.weight in "), "\(resumed.errors)")
    #expect(resumed.errors.contains("optimizer.safetensors") && scene.leftovers().isEmpty)
    // An evaluation has no use for it.
    #expect(try evaluate().code == 0)
  }

  /// Finite weights whose logits are not: no image is "of class 0".
  @Test func logitsThatOverflow() throws {
    #expect(try scene.train().code == 0)
    try rewriting().change("linear.weight", in: "model.safetensors") { $1 < 0 ? -3e38 : 3e38 }
    var outcomes = [try evaluate("--json", "r.json")]
    if Program.hasRanks { outcomes.append(try evaluate(ranks: 2)) }
    for outcome in outcomes {
      #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("logits of images are NaN or infinite"), "\(outcome.errors)")
      #expect(!outcome.output.contains("clean"))
    }
    #expect(scene.contents(".")?.contains("r.json") == false)
  }

  // MARK: - Warnings

  /// The text's last line, and the results' key; the same on two ranks.
  private func expectWarning(_ kind: String, _ text: String, _ arguments: String...) throws {
    for ranks in Program.hasRanks ? [1, 2] : [1] {
      let outcome = try evaluate(ranks: ranks, ["--json", "\(ranks).json"] + arguments)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let last = try #require(outcome.output.split(separator: "\n").last)
      #expect(last.hasPrefix("warning: ") && last.contains(text), "\(outcome.output)")
      let written = try warnings("\(ranks).json")
      #expect(written.count == 1 && written[0]["kind"] == kind && written[0]["text"]?.contains(text) == true)
    }
  }

  @Test func ofASaturatedSoftmax() throws {
    try OwnData(count: 20, classes: 2).write("own", scene)
    #expect(try scene.train("--data own").code == 0)
    // Whatever the image, its softmax is (1, 0): of the half that has label 0 the gradient is zero.
    try rewriting().set("linear.bias", in: "model.safetensors", at: 0, to: 1e4)
    try expectWarning("zero-gradients", "50.0 % of the input gradients are zero", "--steps", "5")
  }

  @Test func ofLogitsThatAreConstant() throws {
    #expect(try scene.train().code == 0)
    try rewriting().change("linear.weight", in: "model.safetensors") { _, _ in 0 }
    // Then every gradient is zero too.
    let outcome = try evaluate("--steps", "5", "--json", "r.json")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("warning: all 10 images have the same logits"), "\(outcome.output)")
    #expect(try warnings("r.json").map { $0["kind"] } == ["constant-logits", "zero-gradients"])
  }

  @Test func ofAnAttackThatIsTooShort() throws {
    #expect(try scene.train().code == 0)
    try expectWarning(
      "short-attack", "7 x 1/255 = 7/255, less than epsilon 16/255", "--steps", "7",
      "--epsilon", "16/255", "--step-size", "1/255")
    let enough = try evaluate("--steps", "16", "--epsilon", "16/255", "--step-size", "1/255", "--json", "r.json")
    #expect(enough.code == 0 && !enough.output.contains("warning"))
    #expect(try warnings("r.json").isEmpty)
  }

  /// A training says it once, not in every epoch.
  @Test func ofATraining() throws {
    let outcome = try scene.train("training.epochs=3", "data.validation=0.3", "evaluation.every=1")
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n").filter {
      $0.contains("1 x 2/255 = 2/255, less than epsilon 8/255")
    }
    #expect(lines.count == 1 && lines.first?.hasPrefix("warning: ") == true, "\(outcome.output)")
    let quiet = try scene.train("evaluation.attack.steps=4", run: "enough")
    #expect(quiet.code == 0 && !quiet.output.contains("step size is"))
  }
}
