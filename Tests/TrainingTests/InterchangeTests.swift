import Checkpoints
import Classification
import Failures
import Foundation
import Networks
import Options
import Oracle
import Recipes
import Tensors
import Testing
import Training

extension TrainingTests {
  /// Models from PyTorch and to it. What they must be is PyTorch's: Tests/goldens/generate_weights.py.
  @Suite struct Interchange {
    private struct Expected: Decodable {
      let mean: [Float]
      let std: [Float]
      let logits: [[Double]]
    }

    private static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "goldens/weights").path

    private static func expected() throws -> Expected {
      try JSONDecoder().decode(Expected.self, from: Data(contentsOf: URL(fileURLWithPath: "\(goldens)/weights.json")))
    }

    private static func statement(_ normalisation: Normalisation? = nil) -> StoredModel.Statement {
      StoredModel.Statement(normalisation, means: "--mean and --std", code: .usage)
    }

    /// The logits of the golden images by the model in a file.
    private static func logits(_ path: String, _ normalisation: Normalisation? = nil) throws -> [[Float]] {
      let stored = try StoredModel.named(path)
      let outline = try #require(stored.outline)
      #expect(outline.choice == Choice("preactresnet18", given: ["model.width": "1"]) && outline.classes == 3)
      let network = outline.network
      let model = Model(parameters: network.parameters, statistics: network.statistics)
      _ = try stored.read(into: model, statement(normalisation))
      #expect(model.batchesTracked == 41)
      network.reserve(examples: 2, shardSize: 2)
      network.prepare(model)
      let images = Tensor(Shape(n: 2, h: 32, w: 32, c: 3))
      // Numbered in NCHW order, laid out in NHWC.
      for n in 0..<2 {
        for c in 0..<3 {
          for pixel in 0..<1024 {
            images.image(n)[3 * pixel + c] = Float((37 * ((n * 3 + c) * 1024 + pixel)) % 256) / 255
          }
        }
      }
      let logits = try network.forward(images, model, .running, BatchSlice(whole: 2))
      return (0..<2).map { n in (0..<3).map { logits.image(n)[$0] } }
    }

    private static func worst(_ ours: [[Float]], _ theirs: [[Double]]) -> Double {
      zip(ours.joined(), theirs.joined()).map { abs(Double($0) - $1) }.max() ?? .infinity
    }

    @Test func aNetworkOfPyTorchHasItsLogits() throws {
      let expected = try Self.expected()
      let constants = try #require(Normalisation(mean: expected.mean, deviation: expected.std))
      // Wrapped, with the constants among the tensors; bare and of the older format, without.
      let wrapped = try Self.logits("\(Self.goldens)/network.pt")
      let bare = try Self.logits("\(Self.goldens)/network-older.pth", constants)
      let difference = Self.worst(wrapped, expected.logits)
      #expect(difference < 1e-4, "worst difference \(difference)")
      #expect(bare == wrapped)
    }

    /// Through both of our formats, to the bit.
    @Test(arguments: ["a.safetensors", "a.pt", "a.pth"]) func exportedModelsAreTheSame(name: String) throws {
      let files = try RunFiles()
      let path = "\(files.run).\(name)"
      let source = "\(Self.goldens)/network.pt"
      let format = try #require(ModelFormat(path: path))
      let model = try ExportedModel(
        try StoredModel.named(source), Self.statement(), source: "network.pt", presumed: nil)
      try model.write(to: path, format, program: "tests")
      #expect(try Self.logits(path) == Self.logits(source))
      let file = try TensorFiles.open(path)
      #expect(file.outlines.count == (format == .torch ? 109 : 107))
      if format == .safetensors {
        #expect(file.metadata["source"] == "network.pt" && file.metadata["program"] == "tests")
        #expect(file.metadata["model"] == "PreActResNet-18 (width 1, 3 classes)")
      } else {
        #expect(file.outlines[0].name == "mu" && file.outlines[1].shape == [1, 3, 1, 1])
      }
    }

    /// Trained, exported and read again: the tensors of PyTorch's state dict in its order, which tell the network by themselves.
    @Test(arguments: try golden("residual", as: GoldenResidual.self).networks)
    func everyNetworkIsKnownByItsTensors(golden: GoldenResidual.Network) throws {
      let files = try RunFiles()
      let recipe = Recipe.small {
        $0.model.choice = Choice(golden.name, given: golden.options)
        $0.training.epochs = 1
      }
      try runSession(files, recipe, ranks: 1)
      let path = "\(files.run).safetensors"
      let exported = try ExportedModel(try StoredModel.named(files.run), Self.statement(), source: nil, presumed: nil)
      try exported.write(to: path, .safetensors, program: "tests")
      try exported.write(to: "\(files.run).pt", .torch, program: "tests")
      // Behind the constants of the normalisation.
      #expect(try TensorFiles.open("\(files.run).pt").outlines.dropFirst(2).map(\.name) == golden.state)
      let outline = try #require(try StoredModel.named(path).outline)
      #expect(outline.classes == 10)
      #expect(outline.choice.networkOptions == Choice(golden.name, given: golden.options).networkOptions)
      // The two wide networks are one but for what their names stand for.
      #expect(
        outline.choice.name == golden.name || golden.name.hasPrefix("wide") && outline.choice.name.hasPrefix("wide"))
      // What TRADES' code holds twice is no part of the network.
      var entries = try StateDict(path).tensors.filter { $0.type != .int64 }.map {
        TensorEntry($0.name, shape: $0.shape, values: try StateDict(path).floats($0.name))
      }
      entries.append(
        TensorEntry("sub_block1.layer.0.bn1.weight", shape: [16], values: [Float](repeating: 1, count: 16)))
      let twice = "\(files.run)-twice.safetensors"
      try SafetensorsFile.write(entries, to: twice)
      let foreign = try StoredModel.named(twice)
      #expect(foreign.outline == outline)
      // Tensors that another's network has too leave a doubt, unless the file is ours.
      #expect(foreign.notes.contains { $0.contains("Wong2020Fast") } == (golden.name == "preactresnet18-frl"))
      #expect(try StoredModel.named(path).notes.isEmpty)
    }

    // MARK: - What is wrong with a file

    /// A golden network as safetensors with changed tensors, and what is said of it.
    private func message(_ change: (inout [TensorEntry]) -> Void) throws -> String {
      let files = try RunFiles()
      let path = "\(files.run).safetensors"
      let weights = try StateDict("\(Self.goldens)/network.pt")
      var entries = try weights.tensors.map { tensor in
        tensor.type == .int64
          ? TensorEntry(tensor.name, shape: tensor.shape, values: try weights.integers(tensor.name))
          : TensorEntry(tensor.name, shape: tensor.shape, values: try weights.floats(tensor.name))
      }
      change(&entries)
      try SafetensorsFile.write(entries, to: path)
      do {
        _ = try ExportedModel(
          try StoredModel.named(path), Self.statement(.identity), source: nil, presumed: nil)
        return "read"
      } catch let failure as Failure {
        #expect(failure.code == .badData && !failure.message.contains("\n"))
        return failure.message
      }
    }

    @Test func whatIsWrongWithATensorIsSaid() throws {
      func renamed(_ old: String, _ new: String) -> (inout [TensorEntry]) -> Void {
        return { entries in
          let index = entries.firstIndex { $0.name == old }!
          entries[index] = TensorEntry(new, entries[index].type, shape: entries[index].shape, entries[index].source)
        }
      }
      #expect(try message { _ in } == "read")
      let misnamed = try message(renamed("layer2.0.bn1.weight", "layer2.0.bn1.wieght"))
      #expect(
        misnamed.contains("has no tensor layer2.0.bn1.weight of PreActResNet-18 (width 1, 3 classes); the nearest name")
      )
      #expect(misnamed.hasSuffix("layer2.0.bn1.wieght"))
      #expect(try message(renamed("conv1.weight", "conv1.weights")).contains("the nearest name in it is conv1.weights"))
      #expect(try message { $0.removeAll { $0.name == "bn.weight" } }.contains("has no tensor bn.weight"))
      let surplus = try message { $0.append(TensorEntry("layer5.0.conv1.weight", shape: [1], values: [0] as [Float])) }
      #expect(surplus.contains("has a tensor layer5.0.conv1.weight") && surplus.contains("the nearest is layer"))
      let reshaped = try message { entries in
        let index = entries.firstIndex { $0.name == "layer1.0.conv1.weight" }!
        entries[index] = TensorEntry("layer1.0.conv1.weight", shape: [9], values: [Float](repeating: 0, count: 9))
      }
      #expect(reshaped.contains("layer1.0.conv1.weight in ") && reshaped.contains("is [9], PreActResNet-18"))
      let broken = try message { entries in
        let index = entries.firstIndex { $0.name == "linear.bias" }!
        entries[index] = TensorEntry("linear.bias", shape: [3], values: [0, .nan, 1] as [Float])
      }
      #expect(broken.contains("linear.bias in ") && broken.contains("value 1 (from 0) is NaN"))
      let whole = try message { entries in
        let index = entries.firstIndex { $0.name == "linear.bias" }!
        entries[index] = TensorEntry("linear.bias", shape: [3], values: [0, 1, 2] as [Int64])
      }
      #expect(whole.contains("tensor linear.bias in ") && whole.contains("floating-point numbers are needed"))
      let other = try message { $0 = [TensorEntry("head", shape: [2], values: [0, 1] as [Float])] }
      #expect(other.contains("has no tensor conv1.weight of PreActResNet-18: it is of another network"))
      // PyTorch has not always counted batches.
      #expect(try message { $0.removeAll { $0.name.hasSuffix("num_batches_tracked") } } == "read")
    }

    @Test func constantsThatNobodyKnows() throws {
      let path = "\(Self.goldens)/network-older.pth"
      let stored = try StoredModel.named(path)
      func model(_ stated: Normalisation?, _ presumed: Normalisation?) throws -> ExportedModel {
        try ExportedModel(stored, Self.statement(stated), source: nil, presumed: presumed)
      }
      #expect { _ = try model(nil, nil) } throws: {
        "\($0)".contains("does not say how pixels are normalised: give the constants of its training with --mean")
      }
      _ = try model(.identity, nil)
      _ = try model(nil, .identity)
      #expect { _ = try StoredModel.named(path, average: "ema") } throws: { ($0 as? Failure)?.code == .usage }
      #expect { _ = try stored.evaluationRecipe(data: nil) } throws: { "\($0)".contains("--data DIR") }
      let wrong = try #require(Normalisation(mean: [0, 0, 0], deviation: [1, 2, 1]))
      #expect {
        _ = try ExportedModel(
          try StoredModel.named("\(Self.goldens)/network.pt"), Self.statement(wrong), source: nil, presumed: nil)
      } throws: { ($0 as? Failure)?.code == .usage }
    }
  }
}
