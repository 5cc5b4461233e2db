import Checkpoints
import Communication
import Datasets
import Failures
import Foundation
import Networks
import Recipes
import Rewriting
import Testing
import Training

extension TrainingTests {
  /// Models on the disk: their constants, numbers that are none, formats.
  @Suite struct StoredModels {
    static let recipe = Recipe.small { $0.training.epochs = 1 }
    /// What 72 synthetic images of seed 0 have.
    private static func constants(_ recipe: Recipe = recipe) throws -> Normalisation {
      let data = try #require(try DatasetCatalog.load(recipe.dataRequest()).statistics)
      return try #require(Normalisation(mean: data.mean, deviation: data.standardDeviation))
    }
    private static let other = Normalisation(mean: [0.1, 0.2, 0.3], deviation: [0.5, 0.25, 2])!

    private func trained(_ files: RunFiles, _ recipe: Recipe = recipe) throws -> Rewriting {
      try runSession(files, recipe, ranks: 1)
      return Rewriting(try #require(try CheckpointStore.locate(files.run).checkpoint))
    }

    private static func state(_ recipe: Recipe) throws -> TrainingState {
      try Run(recipe: recipe, communicator: SoloCommunicator(), threads: 1, trains: true).initialState()
    }

    private func statement(_ normalisation: Normalisation? = nil) -> StoredModel.Statement {
      StoredModel.Statement(normalisation, means: "--mean and --std", code: .usage)
    }

    private func refusal(_ body: () throws -> Void) -> Failure? {
      #expect(throws: Failure.self) { try body() }
    }

    // MARK: - Constants

    @Test func everyFileOfAModelStatesItsConstants() throws {
      let files = try RunFiles()
      let checkpoint = try trained(files).checkpoint
      let constants = try Self.constants()
      for name in ["model", "ema", "fawa"] {
        let metadata = try SafetensorsFile(checkpoint.path(of: "\(name).safetensors")).metadata
        #expect(metadata["format"] == "pt" && metadata["image_size"] == "[16, 16]")
        #expect(metadata["classes"]?.split(separator: "\n").count == 10)
        #expect(metadata["classes"]?.hasPrefix("disc\nring\nsquare\n") == true)
        let text = try #require(metadata["normalize.mean"])
        let mean = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Double])
        for c in 0..<3 { #expect(Float(mean[c]) == constants.mean[c]) }
        let state = try Self.state(Self.recipe).model
        state.normalisation = Self.other
        let stored = try StoredModel.checkpoint(files.run, average: name == "model" ? nil : name)
        let description = try stored.read(into: state, statement())
        #expect(state.normalisation == constants && description.normalisation == constants)
        #expect(description.imageSize == [16, 16])
        #expect(refusal { _ = try stored.read(into: state, statement(Self.other)) }?.code == .usage)
      }
      let header = try CheckpointContent.header(checkpoint)
      let data = try DatasetCatalog.load(Self.recipe.dataRequest())
      #expect(header.format == 2 && header.dataName == "synthetic" && header.imageSize == [16, 16])
      #expect(header.testDigest == data.testDigest && header.dataDigest == data.digest)
    }

    /// The constants of the first training stay through a second one on other data and all its lives.
    @Test func aTrainingThatStartsFromWeightsKeepsTheirConstants() throws {
      let first = try RunFiles()
      try runSession(first, Self.recipe, ranks: 1)
      let constants = try Self.constants()
      let recipe = Recipe.small {
        $0.training.seed = 1
        $0.model.startFrom = first.run
      }
      #expect(try Self.constants(recipe) != constants)
      let second = try RunFiles()
      // Stopped in the middle, and gone on with.
      #expect(throws: Failure.self) {
        try runSession(second, recipe, ranks: 2) { _ in Surroundings.signal(atExchange: 150) }
      }
      try runSession(second, recipe, ranks: 1)
      #expect(second.lines("lives.jsonl").filter { $0.contains("started") }.count == 2)
      let state = try Self.state(recipe).model
      for average in [nil, "ema", "fawa"] {
        _ = try StoredModel.checkpoint(second.run, average: average).read(into: state, statement())
        #expect(state.normalisation == constants)
      }
      let notes = second.lines("log.txt").filter { $0.contains("pixels are normalised as the model was trained") }
      let end = "by \(constants); a training on this data would have \(try Self.constants(recipe))"
      #expect(notes.count == 2 && notes.allSatisfy { $0.hasSuffix(end) })
    }

    /// The recipe's own constants hold in a training from nothing.
    @Test func constantsOfTheRecipe() throws {
      let recipe = Recipe.small {
        $0.training.epochs = 1
        $0.model.mean = ["0.1", "1/5", "0.3"]
        $0.model.deviation = ["0.5", "1/4", "2"]
      }
      let files = try RunFiles()
      let digests = try [recipe, Self.recipe].map { try train($0)[0].digests }
      #expect(digests[0] != digests[1])
      _ = try trained(files, recipe)
      let state = try Self.state(Self.recipe).model
      _ = try StoredModel.startFrom("\(files.run)/checkpoints/step-3/model.safetensors").read(into: state, statement())
      #expect(state.normalisation == Self.other)
    }

    // MARK: - A new last layer

    /// Weights for other classes are taken but for their last layer, which is as the seed has it. A step of next to no length
    /// leaves all as it was.
    @Test func theLastLayerIsNewOnRequest() throws {
      let (first, second) = (try RunFiles(), try RunFiles())
      let wide = Recipe.small {
        $0.training.epochs = 1
        $0.model.classes = 12
      }
      try runSession(first, wide, ranks: 1)
      var recipe = Recipe.small {
        ($0.training.epochs, $0.training.seed, $0.training.learningRate) = (1, 3, "1e-30")
        $0.model.startFrom = first.run
      }
      let failure = refusal { try runSession(try RunFiles(), recipe, ranks: 1) }
      #expect(failure?.message.contains("linear.weight is [12, ") == true, "\(failure as Any)")
      #expect(failure?.message.hasSuffix("weights for other classes start with model.start-head=new") == true)
      recipe.model.startHead = .new
      try runSession(second, recipe, ranks: 2)
      #expect(second.lines("log.txt").contains { $0.contains("the last layer, linear, is a new one") })
      #expect(!second.lines("log.txt").contains { $0.contains("12 classes") })
      let theirs = try Self.state(wide).model
      let (ours, drawn) = (try Self.state(recipe).model, try Self.state(recipe).model)
      _ = try StoredModel.checkpoint(first.run).read(into: theirs, statement())
      _ = try StoredModel.checkpoint(second.run).read(into: ours, statement())
      for slot in ours.parameters.layout.slots {
        let expected = slot.layer == "linear" ? drawn : theirs
        let origin = try #require(expected.parameters.layout.slots.first { $0.name == slot.name })
        let (new, old) = (ours.parameters[slot], expected.parameters[origin])
        let furthest = (0..<slot.count).map { abs(new[$0] - old[$0]) }.max() ?? .infinity
        #expect(furthest < 1e-20, "\(slot.name): \(furthest)")
      }
      #expect(ours.batchesTracked > theirs.batchesTracked)
    }

    // MARK: - Classes

    @Test(arguments: [0, 1, 65_537]) func asManyClassesAsNoModelHas(count: Int) throws {
      let files = try RunFiles()
      try trained(files).setState { $0["classNames"] = (0..<count).map { "c\($0)" } }
      let failure = refusal { _ = try StoredModel.checkpoint(files.run) }
      #expect(failure?.code == .badData)
      let words = "/state.json is no state of a run: \(count) class names, and a model has 2 to 65536 classes"
      #expect(failure?.message.hasSuffix(words) == true, "\(failure as Any)")
    }

    /// Names in the file of the weights are for people: too few of them are a line.
    @Test func aFileThatNamesFewerClassesThanItsModelHas() throws {
      let files = try RunFiles()
      let rewriting = try trained(files)
      let name = "model.safetensors"
      var metadata = try SafetensorsFile(rewriting.checkpoint.path(of: name)).metadata
      metadata["classes"] = "a\nb"
      try rewriting.setMetadata(of: name, metadata)
      let stored = try StoredModel.checkpoint(files.run)
      let run = try Run(
        recipe: try stored.evaluationRecipe(data: nil), communicator: SoloCommunicator(), threads: 1, trains: false)
      let state = Model(parameters: run.network.parameters, statistics: run.network.statistics)
      let notes = stored.comparison(try stored.read(into: state, statement()), run)
      #expect(notes.count == 1, "\(notes)")
      #expect(notes.first?.hasPrefix("class 0 is 'a' for the model and 'disc' in this data") == true)
    }

    // MARK: - Format 1

    @Test func aCheckpointOfFormat1IsReadByItsData() throws {
      let files = try RunFiles()
      let rewriting = try trained(files)
      try rewriting.makeFormat1()
      for path in [files.run, rewriting.checkpoint.path(of: "model.safetensors")] {
        let state = try Self.state(Self.recipe).model
        state.normalisation = Self.other
        _ = try StoredModel.startFrom(path).read(into: state, statement())
        #expect(try state.normalisation == Self.constants())
      }
      // Of a set with published constants nothing need be there.
      try rewriting.setState { state in
        state["recipe"] = (state["recipe"] as! String).replacing("name: synthetic", with: "name: cifar100")
      }
      let state = try Self.state(Self.recipe).model
      _ = try StoredModel.checkpoint(files.run).read(into: state, statement())
      #expect(
        state.normalisation == Normalisation(mean: [0.5071, 0.4867, 0.4408], deviation: [0.2675, 0.2565, 0.2761]))
      // Data that is not there, or not what was trained on, says nothing; the user can.
      try rewriting.setState { state in
        state["recipe"] = (state["recipe"] as! String).replacing("name: cifar100", with: "name: synthetic")
        state["dataDigest"] = "00"
      }
      let failure = refusal { _ = try StoredModel.checkpoint(files.run).read(into: state, statement()) }
      #expect(failure?.code == .badData)
      #expect(failure?.message.contains("does not say how pixels are normalised") == true)
      #expect(failure?.message.contains("--mean and --std") == true)
      _ = try StoredModel.checkpoint(files.run).read(into: state, statement(Self.other))
      #expect(state.normalisation == Self.other)
    }

    /// A run of 0.1.0 goes on, with the constants of its data, and ends as the undisturbed run.
    @Test func aRunOfFormat1GoesOn() throws {
      let recipe = Recipe.small { $0.checkpoint.everySteps = 1 }
      let (whole, files) = (try RunFiles(), try RunFiles())
      try runSession(whole, recipe, ranks: 1)
      #expect(throws: Failure.self) {
        try runSession(files, recipe, ranks: 1) { _ in Surroundings.signal(atExchange: 150) }
      }
      let stopped = Rewriting(try #require(try CheckpointStore.locate(files.run).checkpoint))
      #expect(stopped.checkpoint.step < 6)
      try stopped.makeFormat1()
      try runSession(files, recipe, ranks: 2)
      try files.checkEqual(to: whole)
    }

    @Test func formatsToComeAreRefused() throws {
      let files = try RunFiles()
      let rewriting = try trained(files)
      try rewriting.setState { $0 = ["format": 3, "all": "else is new"] }
      let failure = refusal { _ = try StoredModel.checkpoint(files.run) }
      #expect(failure?.code == .badData)
      #expect(failure?.message.contains("has format 3, this program reads 1 to 2") == true)
    }

    // MARK: - Numbers that are none

    /// A tensor, its file, a value in it, what is said.
    @Test(
      arguments: [
        ("conv1.weight", "model", 5, Float.nan, "value 5 (from 0) is NaN"),
        ("linear.bias", "model", 9, .infinity, "value 9 (from 0) is infinite (1 broken value of 10)"),
        ("layer3.1.bn2.running_mean", "model", 31, -.infinity, "value 31 (from 0) is infinite"),
        ("bn.running_var", "model", 0, -1e-6, "value 0 (from 0) is -1e-06, and a variance is never negative"),
        ("layer2.0.bn1.running_var", "ema", 3, -4, "value 3 (from 0) is -4.0, and a variance"),
        ("layer4.0.shortcut.0.weight", "fawa", 2047, .nan, "value 2047 (from 0) is NaN"),
        ("layer1.0.conv2.weight", "optimizer", 100, .nan, "value 100 (from 0) is NaN"),
        ("linear.weight", "optimizer", 0, -.infinity, "value 0 (from 0) is infinite"),
      ] as [(String, String, Int, Float, String)])
    func brokenNumbersAreNamed(tensor: String, file: String, index: Int, value: Float, says text: String) throws {
      let files = try RunFiles()
      let recipe = Recipe.small()
      let rewriting = try trained(files)
      try rewriting.set(tensor, in: "\(file).safetensors", at: index, to: value)
      func expect(_ failure: Failure?) {
        #expect(failure?.code == .badData)
        #expect(
          failure?.message.contains("\(tensor) in ") == true && failure?.message.contains(text) == true, "\(failure!)")
        #expect(failure?.message.contains("\(file).safetensors") == true)
      }
      if file != "optimizer" {
        let state = try Self.state(recipe).model
        let average = file == "model" ? nil : file
        expect(refusal { _ = try StoredModel.checkpoint(files.run, average: average).read(into: state, statement()) })
      }
      // A resume reads all of them.
      expect(refusal { try runSession(files, Self.recipe, ranks: 2) })
    }

    /// A variance of zero, and the largest number there is, are numbers.
    @Test func extremeNumbersAreRead() throws {
      let files = try RunFiles()
      let rewriting = try trained(files)
      try rewriting.set("bn.running_var", in: "model.safetensors", at: 2, to: 0)
      try rewriting.set("linear.bias", in: "model.safetensors", at: 3, to: -.greatestFiniteMagnitude)
      let state = try Self.state(Self.recipe).model
      _ = try StoredModel.checkpoint(files.run).read(into: state, statement())
    }

    @Test(arguments: [
      ["normalize.mean": "[0.5, 0.5, 0.5]"], ["normalize.std": "[0.5, 0.5, 0.5]"],
      ["normalize.mean": "[0.5, 0.5, 0.5]", "normalize.std": "[0.5, 0, 0.5]"],
      ["normalize.mean": "[nan, 0.5, 0.5]", "normalize.std": "[0.5, 0.5, 0.5]"],
      ["normalize.mean": "0.5", "normalize.std": "0.5"],
    ])
    func constantsThatAreNone(metadata: [String: String]) throws {
      let files = try RunFiles()
      let rewriting = try trained(files)
      try rewriting.setMetadata(of: "model.safetensors", metadata)
      let state = try Self.state(Self.recipe).model
      let failure = refusal { _ = try StoredModel.checkpoint(files.run).read(into: state, statement(Self.other)) }
      #expect(failure?.code == .badData && failure?.message.contains("normalize.mean") == true, "\(failure!)")
    }

    /// Parts that do not belong together end a resume.
    @Test func partsOfDifferentModels() throws {
      let files = try RunFiles()
      let rewriting = try trained(files)
      let metadata = ["normalize.mean": "[0.5, 0.5, 0.5]", "normalize.std": "[0.5, 0.25, 0.5]"]
      try rewriting.setMetadata(of: "ema.safetensors", metadata)
      var message = refusal { try runSession(files, Self.recipe, ranks: 1) }?.message
      #expect(message?.contains("normalises pixels in ema.safetensors otherwise") == true, "\(message ?? "")")
      try rewriting.setMetadata(of: "model.safetensors", ["format": "pt"])
      message = refusal { try runSession(files, Self.recipe, ranks: 1) }?.message
      #expect(message?.contains("does not say how its model normalises pixels") == true, "\(message ?? "")")
    }
  }
}
