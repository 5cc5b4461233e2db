import Checkpoints
import Classification
import Foundation
import Launching
import Networks
import Options
import Recipes
import Tensors
import Testing
import Training

extension TrainingTests {
  /// Logits of one network on both sides: where FAIRTAT_PYTHON names a Python with PyTorch.
  @Suite(
    .enabled(
      if: ProcessInfo.processInfo.environment["FAIRTAT_PYTHON"] != nil, "FAIRTAT_PYTHON names a Python with torch"))
  struct PyTorchLogits {
    /// Eight pictures of 32 x 32 that both sides can make.
    private static let images = {
      let images = Tensor(Shape(n: 8, h: 32, w: 32, c: 3))
      for i in 0..<8 * 3072 { images.pointer[i] = Float(i * i % 251) / 250 }
      return images
    }()

    private static let statement = StoredModel.Statement(nil, means: "--mean and --std", code: .usage)

    /// Those of the pictures by the model in a file, evaluated: picture by picture, as text for the scripts below.
    private static func logits(_ stored: StoredModel) throws -> String {
      let network = try #require(stored.outline).network
      let model = Model(parameters: network.parameters, statistics: network.statistics)
      _ = try stored.read(into: model, statement)
      network.reserve(examples: 8, shardSize: 8)
      network.prepare(model)
      let logits = try network.forward(images, model, .running, BatchSlice(whole: 8))
      return (0..<80).map { "\(logits.image($0 / 10)[$0 % 10])" }.joined(separator: " ")
    }

    /// Runs a script behind `start`; what it prints, or nil where it lacks a package.
    private static func python(_ script: String, _ arguments: String...) throws -> String? {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "launch/pytorch").path
      let python = Process()
      python.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["FAIRTAT_PYTHON"]!)
      python.arguments = ["-c", start + script, folder] + arguments
      let texts = try ProcessTexts(of: python)
      try python.run()
      python.waitUntilExit()
      let (output, errors) = try texts.read()
      if python.terminationStatus == 69 { return nil }
      #expect(python.terminationStatus == 0, "\(output)\(errors)")
      return output
    }

    /// Arguments: where torch_model.py lies, then those of the script.
    private static let start = """
      import sys, torch
      torch.set_num_threads(1)
      sys.path.append(sys.argv[1])
      i = torch.arange(8 * 3072)
      images = (i * i % 251).float().reshape(8, 32, 32, 3).permute(0, 3, 1, 2) / 250
      def compare(theirs, ours):
          ours = torch.tensor([float(word) for word in ours.split()])
          difference = (theirs.flatten() - ours).abs().max().item()
          print(f"largest difference {difference:.2e}, largest logit {theirs.abs().max().item():.2f}")
          assert difference < 1e-4

      """

    /// A trained model that `torch.load(weights_only=True)` opens.
    @Test func exportedModelsHaveTheirLogitsInPyTorch() throws {
      let files = try RunFiles()
      let recipe = Recipe.small {
        $0.model.set("width", "16")
        $0.training.epochs = 1
      }
      try runSession(files, recipe, ranks: 1)
      let path = "\(files.run).pt"
      let exported = try ExportedModel(
        try StoredModel.named(files.run), Self.statement, source: nil, presumed: nil)
      try exported.write(to: path, .torch, program: "tests")
      let said = try Self.python(
        """
        import torch_model
        state = torch.load(sys.argv[2], weights_only=True)
        net = torch_model.PreActResNet18(state["conv1.weight"].shape[0], state["linear.weight"].shape[0]).eval()
        def place(name):
            parts = name.split(".")
            if parts[0].startswith("layer"):
                parts[:2] = ["blocks", str(2 * int(parts[0][5:]) - 2 + int(parts[1]))]
            return {"mu": "mean", "sigma": "std"}.get(name, ".".join(parts))
        net.load_state_dict({place(name): tensor for name, tensor in state.items()})
        with torch.no_grad():
            compare(net(images), sys.argv[3])
        """, path, try Self.logits(try StoredModel.named(path)))
      print("logits of the exported model, PyTorch against ours: \(said ?? "PyTorch lacks a package")")
    }

    /// timm's XCiT-S12 as it is drawn, its BatchNorms' statistics moved, in three files: bare and wrapped as RobustBench
    /// has them, and with the names of XCiT's authors. Each is read here, and goes back into timm's class.
    @Test(arguments: ["bare", "wrapped", "fused"]) func weightsOfTimmComeAndGo(kind: String) throws {
      let files = try RunFiles()
      let (theirs, ours) = ("\(files.run)-theirs.pt", "\(files.run).pt")
      let network = """
        try:
            from timm.models.xcit import Xcit
        except ImportError:
            sys.exit(69)
        torch.manual_seed(1)
        net = Xcit(img_size=32, patch_size=16, eta=1.0, tokens_norm=True, embed_dim=384, depth=12, num_heads=8, num_classes=10)
        for i in 0, 2:
            net.patch_embed.proj[i][0].stride = 1, 1
        mean, std = torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1), torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1)
        def logits():
            with torch.no_grad():
                return net.eval()((images - mean) / std)

        """
      let drawn = try Self.python(
        network + """
          with torch.no_grad():
              net.train()((images - mean) / std)
          state = net.state_dict()
          if sys.argv[3] == "fused":
              for block in "cls_attn_blocks.0.attn.", "cls_attn_blocks.1.attn.":
                  for part in "weight", "bias":
                      state[block + "qkv." + part] = torch.cat([state.pop(block + letter + "." + part) for letter in "qkv"])
              state = {name.replace("pos_embed.", "pos_embeder."): tensor for name, tensor in state.items()}
          if sys.argv[3] == "wrapped":
              state = {"module.model." + name: tensor for name, tensor in state.items()}
          state |= {"module.normalize.mean": mean, "module.normalize.std": std}
          torch.save({"state_dict": state, "epoch": 3}, sys.argv[2])
          print(*logits().flatten().tolist())
          """, theirs, kind)
      guard let drawn else { return print("no timm for this Python: XCiT's weights were not compared") }
      let stored = try StoredModel.named(theirs)
      #expect(stored.outline?.choice.name == "xcit-s12")
      let logits = try Self.logits(stored)
      func numbers(_ text: String) -> [Float] { text.split(whereSeparator: \.isWhitespace).map { Float($0)! } }
      let difference = zip(numbers(logits), numbers(drawn)).map { abs($0 - $1) }.max() ?? .infinity
      #expect(numbers(drawn).count == 80 && difference < 1e-4, "\(kind): \(difference)")
      let exported = try ExportedModel(stored, Self.statement, source: "timm", presumed: nil)
      try exported.write(to: ours, .torch, program: "tests")
      let said = try Self.python(
        network + """
          state = torch.load(sys.argv[2], weights_only=True)
          mean, std = state.pop("mu"), state.pop("sigma")
          for parameter in net.parameters():
              parameter.data.zero_()
          net.load_state_dict(state)
          compare(logits(), sys.argv[3])
          """, ours, logits)
      print("\(kind): XCiT-S12 of timm, \(difference) apart, and back: \(said ?? "")")
    }
  }
}
