import Checkpoints
import Foundation
import Rewriting
import Testing

/// Models and data that were not made for each other: the model's constants and classes hold, and the user is told.
@Suite struct ForeignDataTests {
  let scene = Scene()

  private func evaluate(_ arguments: String..., in folder: String? = nil) throws -> Program.Outcome {
    try Program.run(["evaluate", "--threads", "1"] + arguments, in: folder ?? scene.folder)
  }

  private func rewriting(_ run: String = "run") throws -> Rewriting {
    Rewriting(try #require(try scene.checkpoints(run).last))
  }

  private func results(_ file: String) throws -> [String: Any] {
    let data = try #require(FileManager.default.contents(atPath: scene.path(file)))
    return try #require((try JSONSerialization.jsonObject(with: data) as? [[String: Any]])?.first)
  }

  /// Twice the same test images, beside training images of other brightness, or none: the same result.
  @Test func theModelsConstantsHold() throws {
    try OwnData().write("own", scene)
    try OwnData(brightness: { 200 - 90 * $0 }, parts: ["train"]).write("other", scene)
    try FileManager.default.createDirectory(atPath: scene.path("bare"), withIntermediateDirectories: false)
    for name in ["test_images.npy", "test_labels.npy"] {
      for folder in ["other", "bare"] {
        try FileManager.default.copyItem(atPath: scene.path("own/\(name)"), toPath: scene.path("\(folder)/\(name)"))
      }
    }
    let trained = try scene.train("training.epochs=3", "training.learning-rate=0.05", "--data own")
    #expect(trained.code == 0, "\(trained.errors)")
    var lines: [Substring] = []
    for folder in ["own", "other", "bare"] {
      let outcome = try evaluate("--checkpoint", "run", "--data", folder, "--json", "\(folder).json")
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.contains("pixels are normalised as the model was trained") == (folder == "other"))
      #expect(!outcome.output.contains("not the test images"))
      lines.append(try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("clean ") }))
    }
    #expect(lines[1] == lines[0] && lines[2] == lines[0])
    let files = ["own", "other", "bare"].map { scene.results("\($0).json") }
    #expect(files[0] != nil && files[1] == files[0] && files[2] == files[0])
  }

  /// A model of synthetic images on own data, and on a folder of CIFAR-10's test file alone; two ranks.
  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func whateverItWasTrainedOn() throws {
    #expect(try scene.train().code == 0)
    try OwnData(count: 8, classes: 8, parts: ["test"]).write("own", scene)
    try "red\ngreen\nblue\n4\n5\n6\n7\n8\n".write(
      toFile: scene.path("own/class_names.txt"), atomically: false, encoding: .utf8)
    try scene.writeCIFAR(records: 10)
    for number in 1...5 {
      try FileManager.default.removeItem(atPath: scene.path("data/cifar-10-batches-bin/data_batch_\(number).bin"))
    }
    for (folder, words) in [
      (
        "own",
        [
          "class 0 is 'disc' for the model and 'red' in this data and 7 more: labels are compared by number",
          "2 of the model's 10 classes have no test image here: bars, checkers",
          "these are not the test images that the model was tested on", "PGD-1, 8 examples",
        ]
      ),
      (
        "data",
        [
          "class 0 is 'disc' for the model and 'airplane' in this data and 9 more",
          "a training on this data would have mean [0.4914, 0.4822, 0.4465], deviation [0.2471, 0.2435, 0.2616]",
          "the model was trained on images of 16x16, these are 32x32", "PGD-1, 10 examples",
        ]
      ),
    ] {
      let arguments = ["evaluate", "--threads", "1", "--checkpoint", "run", "--data", folder]
      let outcome = try Program.runRanks([arguments, arguments], in: scene.folder)
      #expect(outcome.code == 0 && outcome.ownErrors.isEmpty, "\(outcome.errors)")
      for word in words { #expect(outcome.output.contains(word), "\(word): \(outcome.output)") }
    }
    // With nothing named, the run's own: nothing to say.
    let own = try evaluate("--checkpoint", "run", "--limit", "7")
    #expect(own.code == 0 && own.output.hasPrefix("\nrun/checkpoints/step-3, raw, PGD-1, 7 examples"), "\(own.output)")
  }

  @Test func labelsThatTheModelDoesNotKnow() throws {
    try OwnData().write("own", scene)
    #expect(try scene.train("--data own").code == 0)
    try OwnData(count: 8, classes: 4).write("more", scene)
    let outcome = try evaluate("--checkpoint", "run", "--data", "more", "--json", "r.json")
    #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("labels up to 3, but the model knows 3 classes"), "\(outcome.errors)")
    #expect(scene.contents(".")?.contains("r.json") == false)
  }

  @Test func fromAnotherDirectory() throws {
    try OwnData().write("own", scene)
    #expect(try scene.train("--data own").code == 0)
    let elsewhere = Scene()
    let checkpoint = scene.path("run")
    let outcome = try evaluate("--checkpoint", checkpoint, in: elsewhere.folder)
    #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    for word in ["no such directory: own", "data.path of the checkpoint's own recipe", "--data DIR"] {
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
    #expect(try evaluate("--checkpoint", checkpoint, "--data", scene.path("own"), in: elsewhere.folder).code == 0)
    let none = try evaluate("--checkpoint", checkpoint, "--data", "nowhere", in: elsewhere.folder)
    #expect(none.code == 65 && none.errors.contains("no such directory: nowhere"), "\(none.errors)")
  }

  // MARK: - Checkpoints of 0.1.0

  /// They do not state their constants: the data they were trained on does, wherever it lies, or the user.
  @Test func aCheckpointThatDoesNotSay() throws {
    try OwnData().write("own", scene)
    #expect(try scene.train("--data own").code == 0)
    #expect(try evaluate("--checkpoint", "run", "--json", "before.json").code == 0)
    let checkpoint = try rewriting()
    let metadata = try SafetensorsFile(checkpoint.checkpoint.path(of: "model.safetensors")).metadata
    try checkpoint.makeFormat1()
    func expectSame(_ arguments: String...) throws {
      let outcome = try Program.run(
        ["evaluate", "--threads", "1", "--checkpoint", "run", "--json", "after.json"] + arguments, in: scene.folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let files = ["before.json", "after.json"].map { scene.results($0) }
      #expect(files[0] != nil && files[0] == files[1])
      try? FileManager.default.removeItem(atPath: scene.path("after.json"))
    }
    try expectSame()
    try FileManager.default.moveItem(atPath: scene.path("own"), toPath: scene.path("moved"))
    try expectSame("--data", "moved")
    // Without the training images nothing tells.
    try FileManager.default.removeItem(atPath: scene.path("moved/train_images.npy"))
    let outcome = try evaluate("--checkpoint", "run", "--data", "moved")
    #expect(outcome.code == 65 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    for word in ["does not say how pixels are normalised", "data in own", "--mean R,G,B and --std R,G,B"] {
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
    func list(_ key: String) throws -> String { try #require(metadata[key]).filter { !"[] ".contains($0) } }
    try expectSame("--data", "moved", "--mean", list("normalize.mean"), "--std", list("normalize.std"))
    let other = try evaluate(
      "--checkpoint", "run", "--data", "moved", "--mean", ".1,.1,.1", "--std", "1,1,1", "--json", "after.json")
    #expect(other.code == 0)
    #expect(
      FileManager.default.contentsEqual(atPath: scene.path("before.json"), andPath: scene.path("after.json")) == false)
  }

  @Test(arguments: [
    (["--mean", "0.5,0.5,0.5"], "--mean and --std are given together"),
    (["--mean", "1,2", "--std", "1,1,1"], "--mean"),
    (["--mean", "1,2,3", "--std", "1,0,1"], "above 0"), (["--mean", "a,b,c", "--std", "1,1,1"], "--mean"),
    (["--mean", ".5,.5,.5", "--std", "1,1,1"], "was trained with pixels normalised by"),
  ])
  func constantsOfTheUser(arguments: [String], says text: String) throws {
    #expect(try scene.train().code == 0)
    let outcome = try Program.run(["evaluate", "--checkpoint", "run"] + arguments, in: scene.folder)
    #expect(outcome.code == 64 && outcome.errors.contains(text), "\(outcome.errors)")
  }

  // MARK: - Weights to start from

  @Test func weightsToStartFrom() throws {
    try OwnData().write("own", scene)
    #expect(try scene.train("--data own", run: "first").code == 0)
    try OwnData(brightness: { 200 - 90 * $0 }).write("other", scene)
    let file = try rewriting("first").checkpoint.path(of: "model.safetensors")
    func start(_ more: String..., run: String) throws -> Program.Outcome {
      try Program.run(
        Scene.training(run: run) + ["--set", "model.start-from=\(file)", "--data", "other"]
          + more.flatMap { ["--set", $0] }, in: scene.folder)
    }
    let constants = try SafetensorsFile(file).metadata.filter { $0.key.hasPrefix("normalize") }
    let outcome = try start(run: "second")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("pixels are normalised as the model was trained, by mean"), "\(outcome.output)")
    let second = try rewriting("second").checkpoint.path(of: "model.safetensors")
    #expect(try SafetensorsFile(second).metadata.filter { $0.key.hasPrefix("normalize") } == constants)
    let contradiction = try start("model.mean=[0,0,0]", "model.std=[1,1,1]", run: "third")
    #expect(contradiction.code == 78 && contradiction.errors.contains("leave out model.mean and model.std"))
    #expect(scene.contents("third") == nil)

    // A file of another program says nothing.
    try rewriting("first").setMetadata(of: "model.safetensors", ["format": "pt"])
    let unsaid = try start(run: "third")
    #expect(unsaid.code == 65 && unsaid.ownErrors.count == 1, "\(unsaid.errors)")
    for word in ["model.start-from: ", "does not say how pixels are normalised", "model.mean and model.std"] {
      #expect(unsaid.errors.contains(word), "\(unsaid.errors)")
    }
    #expect(scene.contents("third") == nil)
    let said = try start("model.mean=[0.5,1/4,0]", "model.std=[0.5,1/4,2]", run: "third")
    #expect(said.code == 0, "\(said.errors)")
    let third = try SafetensorsFile(rewriting("third").checkpoint.path(of: "model.safetensors")).metadata
    #expect(third["normalize.mean"] == "[0.5, 0.25, 0.0]" && third["normalize.std"] == "[0.5, 0.25, 2.0]")
  }
}
