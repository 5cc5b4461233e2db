import Checkpoints
import Foundation
import Testing

/// `export`, `import`, and `evaluate` of files with weights.
@Suite struct InterchangeTests {
  private let scene = Scene()

  private func run(_ arguments: String...) throws -> Program.Outcome { try Program.run(arguments, in: scene.folder) }

  /// The results of a JSON file without times.
  private func results(_ name: String) throws -> NSArray {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: scene.path(name))))
    func timeless(_ value: Any) -> Any {
      if let list = value as? [Any] { return list.map(timeless) }
      guard let object = value as? [String: Any] else { return value }
      // A file of weights does not say all that a run does of its model.
      return object.filter { $0.key != "seconds" && $0.key != "model" }.mapValues(timeless)
    }
    return timeless(try #require(json as? [Any])) as! NSArray
  }

  @Test func anExportedModelIsJudgedAsItsCheckpoint() throws {
    #expect(try scene.train("averaging.start=0").code == 0)
    try scene.writeNPY(train: [0, 1, 2], test: [0, 1, 2, 3, 4, 5, 6])
    #expect(try run("evaluate", "--checkpoint", "run", "--json", "run.json").code == 0)
    let written = try run("export", "--checkpoint", "run", "--output", "model.safetensors")
    #expect(
      written.code == 0 && written.output.hasPrefix("wrote model.safetensors: PreActResNet-18 (width 8, 10 classes)"))
    // With what the file itself says.
    #expect(try run("evaluate", "--checkpoint", "model.safetensors", "--json", "file.json").code == 0)
    #expect(try results("run.json") == results("file.json"))
    // A state dict says nothing of data and attack.
    #expect(try run("export", "--checkpoint", "run", "--output", "model.pt").code == 0)
    #expect(try run("export", "--checkpoint", "model.pt", "--output", "again.pth").code == 0)
    let attack = ["--steps", "2", "--epsilon", "8/255", "--step-size", "2/255", "--data", "own"]
    for (place, name) in [("run", "a"), ("model.pt", "b"), ("model.safetensors", "c"), ("again.pth", "d")] {
      let outcome = try Program.run(
        ["evaluate", "--checkpoint", place, "--json", "\(name).json"] + attack, in: scene.folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    for name in ["b", "c", "d"] { #expect(try results("a.json") == results("\(name).json"), "\(name)") }
    let unsaid = try run("evaluate", "--checkpoint", "model.pt")
    #expect(
      unsaid.code == 64 && unsaid.ownErrors.first?.contains("name the folder with the data by --data DIR") == true)
  }

  @Test func averagesAndFilesThatAreThere() throws {
    #expect(try scene.train("averaging.start=0").code == 0)
    #expect(try run("export", "--checkpoint", "run", "--weights", "ema", "--output", "a.safetensors").code == 0)
    let file = try SafetensorsFile(scene.path("a.safetensors"))
    #expect(file.metadata["weights"] == "ema" && file.metadata["data"] == "synthetic")
    let before = try Data(contentsOf: URL(fileURLWithPath: scene.path("a.safetensors")))
    let again = try run("export", "--checkpoint", "run", "--output", "a.safetensors")
    #expect(again.code == 73 && again.ownErrors.count == 1 && again.errors.contains("is there already"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: scene.path("a.safetensors"))) == before)
    #expect(try run("export", "--checkpoint", "run", "--output", "a.safetensors", "--force").code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: scene.path("a.safetensors"))) != before)
    #expect(try run("export", "--checkpoint", "run", "--output", "a.onnx").code == 64)
    #expect(try run("export", "--checkpoint", "run", "--output", "none/a.pt").code == 73)
    let average = try run("evaluate", "--checkpoint", "a.safetensors", "--weights", "ema")
    #expect(average.code == 64 && average.errors.contains("one set of weights"))
  }

  @Test func aModelOfPyTorchIsImported() throws {
    let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "goldens/weights").path
    #expect(try run("import", "\(goldens)/network.pt", "--output", "a.safetensors").code == 0)
    #expect(try SafetensorsFile(scene.path("a.safetensors")).metadata["source"] == "network.pt")
    // Bare, and nothing says what pixels are normalised with.
    let unknown = try run("import", "\(goldens)/network-older.pth", "--output", "b.safetensors")
    #expect(unknown.code == 65 && unknown.errors.contains("does not say how pixels are normalised"))
    #expect(
      try run("import", "\(goldens)/network-older.pth", "--data-set", "cifar10", "--output", "b.safetensors").code == 0)
    #expect(
      try SafetensorsFile(scene.path("b.safetensors")).metadata["normalize.mean"] == "[0.4914, 0.4822, 0.4465]")
    // The evaluation takes those of the data, and says so.
    try scene.writeNPY(train: [0, 1, 2], test: [0, 1, 2, 2])
    let judged = try run("evaluate", "--checkpoint", "\(goldens)/network-older.pth", "--data", "own", "--steps", "1")
    #expect(judged.code == 0 && judged.output.contains("taken are the constants of npy, mean ["), "\(judged.errors)")
    // A training goes on from it.
    let training = try scene.train(
      "model.width=1", "model.classes=3", "model.start-from=a.safetensors", "data.name=npy", "data.path=own",
      "data.validation=0", "averaging.fawa=false", run: "second")
    #expect(training.code == 0, "\(training.errors)")
  }

  @Test func filesThatAreNoModels() throws {
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: scene.path(name)))
    }
    try write("text.pt", "hello".utf8)
    try write("empty.safetensors", [])
    let start: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    try write(
      "code.pth",
      start + [0x80, 2, 0x4D, 0xE9, 3, 0x2E, 0x80, 2] + Array("}.".utf8) + [0x80, 2]
        + Array("cposix\nsystem\nX".utf8) + [9, 0, 0, 0] + Array("touch ran".utf8) + [0x85] + Array("R.".utf8))
    for (name, says) in [
      ("text.pt", "holds no tensors"), ("empty.safetensors", "not a valid safetensors file"),
      ("code.pth", "code.pth holds code: posix.system"), ("missing.pt", "cannot open missing.pt"),
    ] {
      for command in [
        ["evaluate", "--checkpoint", name, "--data", "."], ["import", name, "--output", "o.safetensors"],
        ["export", "--checkpoint", name, "--output", "o.pt"],
      ] {
        let outcome = try Program.run(command, in: scene.folder)
        #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(command): \(outcome.errors)")
        #expect(outcome.ownErrors.first?.contains(says) == true, "\(command): \(outcome.errors)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: scene.path("ran")))
    #expect(!FileManager.default.fileExists(atPath: scene.path("o.pt")))
  }

  /// Where a Python with PyTorch is named, `torch.load(weights_only=True)` opens what we write, and has its bits.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["FAIRTAT_PYTHON"] != nil, "FAIRTAT_PYTHON names a Python with torch"))
  func pyTorchReadsOurs() throws {
    let python = ProcessInfo.processInfo.environment["FAIRTAT_PYTHON"]!
    #expect(try scene.train().code == 0)
    #expect(try run("export", "--checkpoint", "run", "--output", "m.pt").code == 0)
    #expect(try run("export", "--checkpoint", "run", "--output", "m.safetensors").code == 0)
    let script = """
      import json, sys, struct, torch
      torch.set_num_threads(1)
      state = torch.load("m.pt", weights_only=True)
      data = open("m.safetensors", "rb").read()
      n = struct.unpack("<Q", data[:8])[0]
      head = json.loads(data[8:8 + n])
      meta = head.pop("__metadata__")
      assert len(state) == 109 and list(state)[:2] == ["mu", "sigma"], list(state)[:3]
      assert state["mu"].shape == (1, 3, 1, 1)
      assert state["mu"].flatten().tolist() == torch.tensor(json.loads(meta["normalize.mean"])).tolist()
      assert set(head) | {"mu", "sigma"} == set(state)
      for name, entry in head.items():
          begin, end = entry["data_offsets"]
          theirs = state[name]
          assert list(theirs.shape) == entry["shape"], name
          assert theirs.contiguous().numpy().tobytes() == data[8 + n + begin:8 + n + end], name
      print("equal")
      """
    let outcome = try Program.command([python, "-c", script], in: scene.folder)
    #expect(outcome.output == "equal\n", "\(outcome.errors)")
  }
}
