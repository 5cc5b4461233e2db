import Checkpoints
import Datasets
import Failures
import Foundation
import Options
import Recipes
import Testing
import Training

extension TrainingTests {
  /// Small classes lose an image to validation; a run that began before they did keeps all of them.
  @Suite struct HoldOuts {
    /// Two epochs of 72 images, seven or eight a class: 2 % are none.
    static let recipe = Recipe.small { $0.data.validation = "0.02" }

    /// Images of an epoch, and of its validation, from its line.
    private func counts(_ files: RunFiles) throws -> [(train: Int, validated: Bool)] {
      try files.metrics("epoch").map { line in
        let train = try #require(line["train"] as? [String: Any])
        let counts = try #require(train["class_count"] as? [Int])
        return (counts.reduce(0, +), (line["validation"] as? [String: Any])?.isEmpty == false)
      }
    }

    private func rule(_ files: RunFiles, step: Int) throws -> HoldOutRule? {
      let checkpoint = try #require(try RunDirectory(files.run).store.list().first { $0.step == step })
      return try CheckpointContent.header(checkpoint).holdOut
    }

    /// Stops a new run before its first step.
    private func begun() throws -> RunFiles {
      let files = try RunFiles()
      let failure = #expect(throws: Failure.self) {
        try runSession(files, Self.recipe, ranks: 2) { _ in .signal(atExchange: 3) }
      }
      #expect(failure?.code == .requeue)
      return files
    }

    @Test func oneOfEachClassIsHeldOut() throws {
      let files = try begun()
      try runSession(files, Self.recipe, ranks: 2)
      #expect(try counts(files).map(\.train) == [62, 62])
      #expect(try counts(files).allSatisfy(\.validated))
      #expect(try rule(files, step: 6) == .atLeastOne)
      let note = "10 of 10 classes have fewer than 20 validation images (disc has 1, ring has 1, "
      #expect(files.lines("log.txt").contains { $0.hasPrefix(note) })
    }

    /// One image of each class is held out first, two after: the second was trained on.
    @Test func startsThatKnowTheValidationImages() throws {
      func held(_ fraction: Real, from start: String? = nil) throws -> RunFiles {
        let files = try RunFiles()
        let recipe = Recipe.small {
          $0.training.epochs = 1
          $0.data.validation = fraction
          $0.model.startFrom = start
        }
        try runSession(files, recipe, ranks: 1)
        return files
      }
      let first = try held("0.15")
      let note =
        "model.start-from: these weights were trained on 10 of the 20 validation images, which they know: hold out the"
      let notes = try ["0.3", "0.15"].map {
        try held($0, from: first.run).lines("log.txt").filter { $0.hasPrefix(note) }
      }
      #expect(notes.map(\.count) == [1, 0])
      #expect(notes[0][0].hasSuffix("same (data.validation 0.15 there, 0.3 here)"))
    }

    /// The weights of a run that goes on still.
    @Test func startsThatAreNotFinished() throws {
      let first = try RunFiles()
      let recipe = Recipe.small { $0.checkpoint.everySteps = 2 }
      #expect(throws: Failure.self) { try runSession(first, recipe, ranks: 1) { _ in .signal(atExchange: 150) } }
      let second = try RunFiles()
      let next = Recipe.small {
        $0.training.epochs = 1
        $0.model.startFrom = first.run
      }
      try runSession(second, next, ranks: 1)
      let note = "model.start-from: these weights are not the last of their run: "
      #expect(second.lines("log.txt").count { $0.hasPrefix(note) && $0.hasSuffix(" of 2 epochs were over") } == 1)
    }

    /// A checkpoint that does not say how it held out is one of version 0.1.0.
    @Test func aRunOfVersion010KeepsItsSplit() throws {
      let files = try begun()
      let folder = "\(files.run)/checkpoints/step-0"
      let state = URL(fileURLWithPath: "\(folder)/state.json")
      var object = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: state)) as? [String: Any])
      #expect(object.removeValue(forKey: "holdOut") as? String == "at-least-one")
      let before = try FileReader(state.path).digest()
      try JSONSerialization.data(withJSONObject: object).write(to: state)
      let done = URL(fileURLWithPath: "\(folder)/DONE")
      let text = try String(contentsOf: done, encoding: .utf8)
      try text.replacingOccurrences(of: before, with: try FileReader(state.path).digest())
        .write(to: done, atomically: false, encoding: .utf8)

      try runSession(files, Self.recipe, ranks: 3)
      #expect(try counts(files).map(\.train) == [72, 72])
      #expect(try counts(files).allSatisfy { !$0.validated })
      #expect(try rule(files, step: 6) == .roundedDown)
    }
  }
}
