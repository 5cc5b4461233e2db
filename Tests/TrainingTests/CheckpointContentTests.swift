import Checkpoints
import Failures
import Foundation
import LocalRanks
import Networks
import Oracle
import Recipes
import Testing
import Training

extension TrainingTests {
  /// What lies in a checkpoint: PyTorch's state dict, and all of the state.
  @Suite struct CheckpointContents {
    /// A run of two ranks and its newest checkpoint.
    private func checkpoint(_ recipe: Recipe, _ files: RunFiles) throws -> Checkpoint {
      _ = try LocalGroup.run(size: 2) { communicator in
        let run = try Run(recipe: recipe, communicator: communicator, threads: 1, trains: true)
        let console = Console(.silent, isRoot: communicator.rank == 0)
        return try TrainingSession(recipe.document, directory: RunDirectory(files.run), run: run, console: console)
          .train(resume: .auto, environment: Data("{}".utf8))
      }
      return try #require(try CheckpointStore.locate(files.run).checkpoint)
    }

    /// The names in the order of PyTorch's `state_dict()`.
    static var names: [String] {
      func norm(_ name: String) -> [String] {
        ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map { "\(name).\($0)" }
      }
      var names = ["conv1.weight"]
      for layer in 1...4 {
        for block in 0...1 {
          let name = "layer\(layer).\(block)"
          names += norm("\(name).bn1") + ["\(name).conv1.weight"] + norm("\(name).bn2") + ["\(name).conv2.weight"]
          if layer > 1 && block == 0 { names.append("\(name).shortcut.0.weight") }
        }
      }
      return names + norm("bn") + ["linear.weight", "linear.bias"]
    }

    /// Nothing is learnt: the weights are those of the initialisation, which the oracle makes in PyTorch's order.
    @Test func weightsUnderTheNamesAndInTheOrderOfPyTorch() throws {
      let recipe = Recipe.small {
        $0.training.learningRate = "0"
        $0.training.epochs = 1
      }
      let files = try RunFiles()
      let checkpoint = try checkpoint(recipe, files)
      let expected = OracleParameters.generate(width: 8, classes: 10, seed: 0)
      for name in ["model", "ema", "fawa"] {
        let file = try SafetensorsFile(checkpoint.path(of: "\(name).safetensors"))
        // Wide elements lie first, as safetensors asks for.
        let (wide, narrow) = (file.tensors.filter { $0.type == .int64 }, file.tensors.filter { $0.type == .float32 })
        #expect(file.tensors.map(\.name) == (wide + narrow).map(\.name) && file.tensors.count == 107)
        #expect(wide.map(\.name) == Self.names.filter { $0.hasSuffix(".num_batches_tracked") })
        #expect(narrow.map(\.name) == Self.names.filter { !$0.hasSuffix(".num_batches_tracked") })
        #expect(file.metadata["format"] == "pt")
        for (name, tensor) in expected.trainable {
          #expect(file[name]?.shape == tensor.shape && file[name]?.type == .float32)
          #expect(try file.values(name, as: Float.self) == tensor.values.map(Float.init), "\(name)")
        }
        for (name, tensor) in expected.buffers {
          #expect(file[name]?.shape == tensor.shape)
          // They moved with every pass.
          #expect(try file.values(name, as: Float.self) != tensor.values.map(Float.init), "\(name)")
        }
        for tensor in file.tensors where tensor.name.hasSuffix("num_batches_tracked") {
          // Three steps of two PGD passes and a training pass.
          #expect(tensor.shape.isEmpty && tensor.type == .int64)
          #expect(try file.values(tensor.name, as: Int64.self) == [9])
        }
      }
      let optimizer = try SafetensorsFile(checkpoint.path(of: "optimizer.safetensors"))
      #expect(optimizer.tensors.map(\.name) == OracleParameters.trainableShapes(width: 8, classes: 10).map(\.name))
      #expect(optimizer.tensors.map(\.shape) == OracleParameters.trainableShapes(width: 8, classes: 10).map(\.shape))
    }

    /// Only averages that accepted something are in a checkpoint.
    @Test func filesOfACheckpoint() throws {
      let all = try RunFiles()
      _ = try checkpoint(.small(), all)
      #expect(
        try all.names("checkpoints/step-6") == [
          "DONE", "ema.safetensors", "fawa.safetensors", "model.safetensors", "optimizer.safetensors", "state.json",
        ])
      let raw = try RunFiles()
      _ = try checkpoint(
        .small {
          $0.averaging.fawaThreshold = "1"; $0.averaging.ema = false
        }, raw)
      #expect(
        try raw.names("checkpoints/step-6") == ["DONE", "model.safetensors", "optimizer.safetensors", "state.json"])
    }

    @Test func readBackBitForBit() throws {
      let recipe = Recipe.small()
      let files = try RunFiles()
      let checkpoint = try checkpoint(recipe, files)
      let state = try #require(try train(recipe)[0].state)
      let originals = [("model", state.model)] + state.averages.map { ($0.name, $0.state) }
      #expect(originals.map(\.0) == ["model", "ema", "fawa"])
      for (name, original) in originals {
        let read = Model(parameters: state.model.parameters.layout, statistics: state.model.statistics.layout)
        try CheckpointContent.read(name, of: checkpoint, into: read)
        #expect(read.parameters.values.array.map(\.bitPattern) == original.parameters.values.array.map(\.bitPattern))
        #expect(read.statistics.values.array.map(\.bitPattern) == original.statistics.values.array.map(\.bitPattern))
        #expect(read.batchesTracked == original.batchesTracked)
      }
      let header = try CheckpointContent.header(checkpoint)
      #expect((header.epoch, header.stepInEpoch, header.step) == (2, 0, 6))
      #expect(header.fairness == state.fairness && header.best == state.best)
      #expect(header.accepted == ["ema": 2, "fawa": 2])
    }

    @Test(arguments: [(16, 10), (8, 12)])
    func anotherModelIsRefused(width: Int, classes: Int) throws {
      let files = try RunFiles()
      let checkpoint = try checkpoint(.small { $0.training.epochs = 1 }, files)
      let error = try LocalGroup.run(size: 1) { communicator in
        let recipe = Recipe.small {
          $0.model.set("width", "\(width)")
          $0.model.classes = classes
        }
        let run = try Run(recipe: recipe, communicator: communicator, threads: 1, trains: false)
        let state = run.initialState().model
        return #expect(throws: Failure.self) { try CheckpointContent.read("model", of: checkpoint, into: state) }
      }[0]
      #expect(error?.code == .configuration)
      #expect(
        error?.message.contains(width == 16 ? "conv1.weight is [8, 3, 3, 3]" : "linear.weight is [10, 64]") == true)
    }
  }
}
