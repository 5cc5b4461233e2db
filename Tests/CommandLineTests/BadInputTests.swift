import Checkpoints
import Foundation
import Launching
import Recipes
import Testing

/// Bad input: one line from one rank that names what is wrong, where, and what to do; the exit code; nothing half-written.
@Suite(.serialized) struct BadInputTests {
  /// A way to get it wrong.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let code: Int32
    /// What the line must say.
    let words: [String]
    /// Settings and options, those with -- last.
    let arguments: [String]
    var environment: [String: String] = [:]
    /// Whether two ranks are tried too; else what launchers do is not what is tested.
    var alsoRanks = true
    /// What must be there before.
    var prepare: @Sendable (Scene) throws -> Void = { _ in }

    var testDescription: String { name }
  }

  static let cifar = ["data.name=cifar10", "data.limit-train=20", "data.limit-test=10"]

  static let cases = [
    Case(
      name: "no such data directory", code: 65, words: ["no such directory: nowhere", "launch/get-cifar"],
      arguments: ["--data nowhere"]),
    Case(
      name: "nothing known in the data directory", code: 65,
      words: ["no data set in empty", "data_batch_1.bin", "train_images.npy", "launch/get-cifar"],
      arguments: ["--data empty"],
      prepare: {
        try FileManager.default.createDirectory(atPath: $0.path("empty"), withIntermediateDirectories: false)
      }),
    Case(
      name: "not a whole number of records", code: 65,
      words: ["data_batch_1.bin has 61465 bytes", "records of 3073", "launch/get-cifar 10"],
      arguments: cifar + ["--data data"], prepare: { try $0.writeCIFAR(extra: 5) }),
    Case(
      name: "a label out of range", code: 65,
      words: ["data_batch_1.bin: record 19", "label 10", "0 to 9", "launch/get-cifar 10"],
      arguments: cifar + ["--data data"], prepare: { try $0.writeCIFAR(label: 10) }),
    Case(
      name: "cifar10 without a path", code: 78, words: ["data.path names no directory", "launch/get-cifar 10"],
      arguments: ["data.name=cifar10"]),
    Case(
      name: "an unknown key", code: 78, words: ["training.batchsize", "did you mean training.batch-size?"],
      arguments: ["training.batchsize=3"]),
    Case(
      name: "an unknown method", code: 78, words: ["'fairtatt' is not known", "did you mean fairtat?"],
      arguments: ["method.name=fairtatt"]),
    Case(
      name: "an empty test set", code: 78, words: ["data.limit-test is '0'", "in 1...100000000"],
      arguments: ["data.limit-test=0"]),
    Case(
      name: "FAWA without validation images", code: 78, words: ["averaging.fawa", "data.validation"],
      arguments: ["data.validation=0"]),
    Case(
      name: "too few classes", code: 78, words: ["model.classes is 3", "10 classes"], arguments: ["model.classes=3"]),
    Case(
      name: "an unwritable run directory", code: 73,
      words: ["cannot create the directory file: Not a directory", "--run"],
      arguments: ["--run file/run"],
      prepare: { try "".write(toFile: $0.path("file"), atomically: false, encoding: .utf8) }
    ),
    Case(
      name: "weights to start from that are not there", code: 65, words: ["model.start-from", "nowhere"],
      arguments: ["model.start-from=nowhere"]),
    Case(
      name: "weights to start from of another model", code: 78,
      words: ["model.start-from", "conv1.weight is [8, 3, 3, 3]", "this model has [16, 3, 3, 3]", "model.width"],
      arguments: ["model.start-from=first", "model.width=16"],
      prepare: { _ = try $0.train(run: "first") }),
    Case(
      name: "nothing to resume", code: 78, words: ["holds no checkpoint", "leave out --resume must"],
      arguments: ["--resume must"]),
    Case(
      name: "ranks that do not know each other (Open MPI)", code: 78,
      words: ["started 2 ranks (OMPI_COMM_WORLD_SIZE)", "MPI counts 1", "--expect-ranks 1"], arguments: [],
      environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"], alsoRanks: false),
    Case(
      name: "ranks that do not know each other (MPICH)", code: 78,
      words: ["started 2 ranks (PMI_SIZE)", "MPI counts 1"],
      arguments: [], environment: ["PMI_SIZE": "2", "PMI_RANK": "0"], alsoRanks: false),
    Case(
      name: "ranks that do not know each other (SLURM)", code: 78,
      words: ["2 programs that do not know each other", "srun --mpi=pmix"], arguments: [],
      environment: ["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0", "SLURM_MPI_TYPE": "none"], alsoRanks: false),
    Case(
      name: "fewer ranks than meant", code: 78, words: ["instead of the 3 of --expect-ranks", "mpirun -np 3"],
      arguments: ["--expect-ranks 3"]),
  ]

  @Test(arguments: cases) func isRefusedInOneLine(_ example: Case) throws {
    let scene = Scene()
    try example.prepare(scene)
    let arguments = Self.arguments(example)
    let outcome = try Program.run(arguments, environment: example.environment, in: scene.folder)
    Self.expect(outcome, example, scene)
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed"), arguments: cases.filter(\.alsoRanks))
  func isRefusedByOneOfTwoRanks(_ example: Case) throws {
    let scene = Scene()
    try example.prepare(scene)
    let arguments = Self.arguments(example)
    let outcome = try Program.runRanks([arguments, arguments], in: scene.folder)
    Self.expect(outcome, example, scene)
  }

  static func arguments(_ example: Case) -> [String] {
    let settings = example.arguments.filter { !$0.hasPrefix("--") }.flatMap { ["--set", $0] }
    let options = example.arguments.filter { $0.hasPrefix("--") }.flatMap { $0.split(separator: " ").map(String.init) }
    return Scene.training() + settings + options
  }

  static func expect(_ outcome: Program.Outcome, _ example: Case, _ scene: Scene) {
    #expect(outcome.code == example.code)
    #expect(outcome.ownErrors.count == 1, "\(outcome.errors)")
    for word in example.words { #expect(outcome.ownErrors.first?.contains(word) == true, "\(word): \(outcome.errors)") }
    #expect(scene.contents() == nil)
  }

  // MARK: - Ranks

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func moreRanksThanShards() throws {
    let scene = Scene()
    let arguments = Scene.training("training.batch-size=8")
    let outcome = try Program.runRanks([arguments, arguments], in: scene.folder)
    #expect(outcome.code == 78 && outcome.ownErrors.count == 1)
    #expect(outcome.ownErrors[0].contains("2 ranks, but a batch of 8 has only 1 logical shards"))
    #expect(scene.contents() == nil)
  }

  @Test(
    .enabled(if: Program.hasRanks, "mpirun is not installed"),
    arguments: [["training.learning-rate=0.2"], ["training.batchsize=3"]])
  func ranksWithDifferentRecipes(second: [String]) throws {
    let scene = Scene()
    let other = Scene.training() + second.flatMap { ["--set", $0] }
    let outcome = try Program.runRanks([Scene.training(), other], in: scene.folder)
    #expect(outcome.code == 78)
    #expect(outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(outcome.ownErrors.first?.contains("the recipe differs from rank 0's on rank 1") == true)
    #expect(scene.contents() == nil)
  }

  @Test func expectRanksOverridesTheLauncher() throws {
    let scene = Scene()
    let outcome = try Program.run(
      Scene.training() + ["--expect-ranks", "1"],
      environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"], in: scene.folder)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
  }

  // MARK: - Folders that only rank 0 has

  /// The other rank works in an empty folder, as on a host without the run directory.
  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func onlyRank0SeesTheRun() throws {
    let (scene, elsewhere) = (Scene(), Scene())
    let results = scene.path("results.json")
    for arguments in [Scene.training(), ["evaluate", "--checkpoint", "run", "--json", results]] {
      let outcome = try Program.command(
        [Launcher.mpirun!, "--oversubscribe", "-np", "1", "-wdir", scene.folder, Program.path] + arguments
          + [":", "-np", "1", "-wdir", elsewhere.folder, Program.path] + arguments)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    #expect(elsewhere.contents(".")?.isEmpty == true)
    let alone = try Program.run("evaluate", "--checkpoint", scene.path("run"), "--json", scene.path("alone.json"))
    #expect(alone.code == 0, "\(alone.errors)")
    let files = [results, scene.path("alone.json")].compactMap { scene.results($0) }
    #expect(files.count == 2 && files[0] == files[1])
  }

  // MARK: - Small data

  /// Classes of three and four images, fewer images than shards, no validation image of any class.
  @Test(arguments: ["33", "1", "3"]) func smallSetsTrain(count: String) throws {
    let scene = Scene()
    let arguments = Scene.training("data.train-count=\(count)")
    let outcome = try Program.run(arguments, in: scene.folder)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    guard Program.hasRanks else { return }
    let ranks = try Program.runRanks(
      Array(repeating: arguments.map { $0 == "run" ? "two" : $0 }, count: 2), in: scene.folder)
    #expect(ranks.code == 0, "\(ranks.errors)")
  }

  @Test func anotherNumberOfRecordsIsNoted() throws {
    let scene = Scene()
    try scene.writeCIFAR()
    let outcome = try scene.train("data.name=cifar10", "data.path=data", "data.limit-train=20", "data.limit-test=10")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("data_batch_1.bin has 20 records, the official file 10000"))
  }

  // MARK: - Losses

  @Test(arguments: [1, 2]) func aLossThatIsNoNumber(ranks: Int) throws {
    guard ranks == 1 || Program.hasRanks else { return }
    let scene = Scene()
    let arguments = Scene.training("training.learning-rate=1e30")
    let outcome = try Program.runRanks(Array(repeating: arguments, count: ranks), in: scene.folder)
    #expect(outcome.code == 70 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    for word in ["the loss became NaN in epoch 1, step ", "lower training.learning-rate"] {
      #expect(outcome.ownErrors.first?.contains(word) == true, "\(outcome.errors)")
    }
    #expect(scene.leftovers().isEmpty)
    #expect(try scene.checkpoints().isEmpty)
  }

  /// The last step has no loss after it that would tell.
  @Test func weightsThatAreNoNumbersAreNotSaved() throws {
    let scene = Scene()
    let outcome = try scene.train(
      "training.learning-rate=1e38", "training.weight-decay=1000", "training.batch-size=64")
    #expect(outcome.code == 70 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(
      outcome.ownErrors.first?.contains("the weights overflowed in the last step of epoch 1") == true,
      "\(outcome.errors)")
    #expect(try scene.checkpoints().isEmpty)
    #expect(scene.leftovers().isEmpty)
  }

  // MARK: - Runs that are there already

  @Test func aSecondJobOnTheSameRun() throws {
    let scene = Scene()
    let first = try scene.startTraining()
    defer { first.terminate() }
    let outcome = try scene.train()
    #expect(outcome.code == 73 && outcome.ownErrors.count == 1)
    for word in ["is in use by pid \(first.processIdentifier)", "last heartbeat", "--run"] {
      #expect(outcome.ownErrors.first?.contains(word) == true, "\(outcome.errors)")
    }
    // The first goes on, and ends with a checkpoint when asked.
    kill(first.processIdentifier, SIGUSR1)
    first.waitUntilExit()
    #expect(first.terminationStatus == 75)
    #expect(scene.leftovers().isEmpty)
  }

  @Test func resumesAsTold() throws {
    let scene = Scene()
    #expect(try scene.train("--resume never").code == 0)
    let before = scene.contents()
    let never = try scene.train("--resume never")
    #expect(never.code == 73 && never.ownErrors.count == 1)
    #expect(never.ownErrors.first?.contains("run holds a run already; choose another --run") == true)
    for policy in ["auto", "must"] {
      let again = try scene.train("--resume \(policy)")
      #expect(again.code == 0 && again.errors.isEmpty)
      #expect(again.output.contains("run is finished: 1 epochs, 3 steps"))
    }
    #expect(scene.contents() == before)
  }

  @Test func anotherRecipeNamesTheKeys() throws {
    let scene = Scene()
    #expect(try scene.train().code == 0)
    let outcome = try scene.train("model.width=16", "training.seed=4", "checkpoint.keep=7")
    #expect(outcome.code == 78 && outcome.ownErrors.count == 1)
    #expect(
      outcome.ownErrors.first?.contains("run was trained with another recipe: model.width, training.seed; choose")
        == true, "\(outcome.errors)")
    #expect(scene.leftovers().isEmpty)
  }

  @Test func aDamagedCheckpointGivesWayToTheOneBefore() throws {
    let scene = Scene()
    #expect(try scene.train("checkpoint.every-steps=1").code == 0)
    let steps = try scene.checkpoints()
    #expect(steps.map(\.step) == [2, 3])
    try scene.damage(steps[1].path(of: "model.safetensors"))
    let outcome = try scene.train("checkpoint.every-steps=1")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    for word in [
      "step-3 is damaged: model.safetensors does not have the SHA-256", "taking run/checkpoints/step-2",
      "is set aside as set-aside-step-3", "going on from step 2",
    ] { #expect(outcome.output.contains(word), "\(word): \(outcome.output)") }
    #expect(try scene.checkpoints().map(\.step) == [2, 3])
  }

  @Test func damagedCheckpointsOnlyAreNoReasonToBeginAnew() throws {
    let scene = Scene()
    #expect(try scene.train("checkpoint.every-steps=1").code == 0)
    for checkpoint in try scene.checkpoints() { try scene.damage(checkpoint.path(of: "optimizer.safetensors")) }
    let before = scene.contents()
    let outcome = try scene.train("checkpoint.every-steps=1")
    #expect(outcome.code == 65 && outcome.ownErrors.count == 1)
    for word in ["no checkpoint in run/checkpoints is whole", "optimizer.safetensors", "choose another --run"] {
      #expect(outcome.ownErrors.first?.contains(word) == true, "\(outcome.errors)")
    }
    #expect(scene.contents() == before)
  }

  // MARK: - Evaluation

  @Test func aCheckpointOfAnotherModel() throws {
    let scene = Scene()
    #expect(try scene.train(run: "narrow").code == 0)
    #expect(try scene.train("model.width=16", run: "wide").code == 0)
    // The state of one with the weights of the other, under right digests.
    let (narrow, wide) = (try scene.checkpoints("narrow")[0], try scene.checkpoints("wide")[0])
    func file(_ name: String, of checkpoint: Checkpoint) throws -> CheckpointFile {
      CheckpointFile(name, try Data(contentsOf: URL(fileURLWithPath: checkpoint.path(of: name))))
    }
    let mixed = CheckpointStore(directory: scene.path("mixed"))
    try mixed.write(
      step: 3, files: [try file("model.safetensors", of: narrow), try file("state.json", of: wide)])
    let outcome = try Program.run(["evaluate", "--checkpoint", "mixed"], in: scene.folder)
    #expect(outcome.code == 78 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(outcome.ownErrors.first?.contains("of another model") == true)
    let none = try Program.run(["evaluate", "--checkpoint", "nowhere", "--json", "result.json"], in: scene.folder)
    #expect(none.code == 65 && none.ownErrors.count == 1)
    #expect(!FileManager.default.fileExists(atPath: scene.path("result.json")))
  }
}
