// `fairtat-dist evaluate`.

import ArgumentParser
import Attacks
import CPlatform
import Checkpoints
import Communication
import Digests
import Evaluation
import Failures
import Options
import Fairness
import Foundation
import Networks
import Recipes
import Training

/// The subcommand `evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure clean and robust accuracy per class, on all ranks.",
    discussion: """
      Data and attack are those of the checkpoint's recipe unless given; with nothing \
      given, the numbers of the run's last test are repeated exactly. Pixels are normalised as the model was trained, \
      whatever the data; of the data only the test files need be there. A signal ends it with 75, between two passes; with \
      --json FILE the same command goes on with what FILE.partial has, also after a kill.

        fairtat-dist evaluate --checkpoint runs/synthetic-small-seed0
        mpirun -np 8 fairtat-dist evaluate --checkpoint DIR --weights fawa --steps 20
        mpirun -np 8 fairtat-dist evaluate --checkpoint DIR --attack autoattack --limit 500 --json FILE
        fairtat-dist evaluate --checkpoint DIR --attack square:queries=1000
        fairtat-dist evaluate --checkpoint DIR --corruptions CIFAR-10-C --json FILE
        fairtat-dist evaluate --checkpoint model.pt --data DIR --epsilon 8/255
        fairtat-dist evaluate --checkpoint DIR --attack apgd-ce --norm l2 --epsilon 0.5
      """)

  @Option(
    help: ArgumentHelp(
      "A checkpoint, a run directory for its newest, or a file with weights: safetensors, or a state dict of PyTorch.",
      valueName: "place"))
  var checkpoint: String

  @Option(help: "The weights as trained, or one of their averages.")
  var weights: WeightKind = .raw

  @Option(help: ArgumentHelp("The folder with the data; what lies there is recognised.", valueName: "dir"))
  var data: String?

  @OptionGroup var pixels: NormalisationOptions

  @Option(
    help: ArgumentHelp(
      "The attack (fairtat-dist list attacks), and what it is told, such as apgd-ce:iterations=50,restarts=5.",
      valueName: "name[:key=value,...]"))
  var attack: String?

  @Option(help: "Steps of PGD; 0 leaves the random start.")
  var steps: Int?

  @Option(help: "Size of a step of PGD, pixels in 0...1, such as 2/255.")
  var stepSize: Real?

  @Option(
    help: "Largest change of a pixel, pixels in 0...1, such as 8/255; with the norm l2 the length of all, such as 0.5.")
  var epsilon: Real?

  @Option(help: "What epsilon is: linf, or l2.")
  var norm: Norm?

  @Option(help: "Random starts; an image counts as robust if it withstands all.")
  var restarts: Int?

  @Option(help: "Take the first so many test images.")
  var limit: Int?

  @Option(help: "Images a block; changes memory and speed only.")
  var batch: Int?

  @OptionGroup var threads: ThreadOptions

  @Option(help: ArgumentHelp("Write the results to a file.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Judge by these in place of an attack: float32 (N, H, W, 3) in 0...1, of the test images in their order.",
      valueName: "file.npy"))
  var adversaries: String?

  @Option(
    help: ArgumentHelp(
      "Write an adversary of each image, or the image where none was found, as float32 (N, H, W, 3).",
      valueName: "file.npy"))
  var saveAdversaries: String?

  @Option(
    help: ArgumentHelp(
      "Write what became of each image: rows of label, clean prediction, last prediction, number of the attack that broke it "
        + "(from 1; 0: none).", valueName: "file.npy"))
  var outcomes: String?

  @Option(
    help: ArgumentHelp(
      "Judge by corrupted images in place of an attack: a folder as CIFAR-10-C, or of fairtat-dist corrupt.",
      valueName: "dir"))
  var corruptions: String?

  @OptionGroup var ranks: RankOptions

  @Flag(help: "Print errors and warnings only, to standard error.")
  var quiet = false

  func validate() throws {
    // Of a recipe with another norm as well: 8 for 8/255 is soon written.
    let isEuclidean = norm == .l2 || norm == nil && attack?.contains("norm=l2") == true
    let allowed = isEuclidean ? Limits.distances : 0...1
    for case (let name, let value?) in [("--step-size", stepSize), ("--epsilon", epsilon)]
    where !allowed.contains(value.value) {
      throw ValidationError(
        isEuclidean
          ? "\(name) takes a number or fraction in 0...\(Int(allowed.upperBound)) with the norm l2, such as 0.5."
          : "\(name) takes a number or fraction in 0...1, such as 8/255; more than 1 needs --norm l2 beside it.")
    }
    if adversaries != nil && (attack != nil || steps != nil || stepSize != nil || restarts != nil) {
      throw ValidationError(
        "--adversaries takes the place of an attack; leave out --attack, --steps, --step-size, --restarts.")
    }
    if corruptions != nil && [data, attack, adversaries, saveAdversaries, outcomes].contains(where: { $0 != nil })
      || corruptions != nil && (steps != nil || stepSize != nil || epsilon != nil || restarts != nil)
    {
      throw ValidationError(
        "--corruptions takes the place of data and attack; leave out --data, and options of attacks and their files.")
    }
    if json == "-" && outcomes == "-" {
      throw ValidationError("--json and --outcomes cannot both go to standard output.")
    }
    try ValueCheck.whole([
      ("--steps", steps, Limits.attackSteps), ("--restarts", restarts, Limits.restarts),
      ("--limit", limit, Limits.images), ("--batch", batch, Limits.batch),
    ])
  }

  func run() throws {
    try CommandOutcome.run {
      try Self.execute(
        EvaluateOptions(
          checkpoint: checkpoint, weights: weights, dataDirectory: data, normalisation: pixels.normalisation,
          attack: attack, norm: norm, epsilon: epsilon, stepSize: stepSize, steps: steps, restarts: restarts,
          limit: limit, batch: batch,
          threads: threads.count, jsonFile: json, adversaries: adversaries, adversariesFile: saveAdversaries,
          outcomesFile: outcomes, expectedRanks: ranks.expectRanks,
          isQuiet: quiet, corruptions: corruptions))
    }
  }

  /// Joins the ranks, reads the checkpoint on rank 0, judges the weights.
  static func execute(_ options: EvaluateOptions) throws {
    if let folder = options.corruptions { return try CorruptionJudgement.execute(options, folder: folder) }
    platform_signals_install()
    try Launching.run(expectedRanks: options.expectedRanks) { communicator in
      try communicator.agree(on: "\(options)", what: "the command line")
      let output = try ResultOutput(options.jsonFile, communicator)
      let outcomes = try ResultOutput(options.outcomesFile, communicator)
      let saved = try ResultOutput(options.adversariesFile, communicator)
      _ = try communicator.onRoot {
        guard options.adversariesFile == nil || saved.replaced != nil else {
          throw Failure(
            .cannotCreate, "--save-adversaries takes a regular file: it is written as adversaries are found")
        }
      }
      let console = Console(
        options.isQuiet ? .quiet : .text, isRoot: communicator.rank == 0,
        stream: outcomes.takesStandardOutput ? .error : output.stream)
      let stored = try communicator.fromRoot {
        try StoredModel.named(options.checkpoint, average: options.weights == .raw ? nil : options.weights.rawValue)
      }
      let run = try Run(
        recipe: try recipe(options, stored), communicator: communicator,
        threads: try Launching.threads(options.threads, communicator, console), trains: false,
        stalls: Launching.stalls)
      let notes =
        [run.memoryNote].compactMap(\.self) + stored.notes + run.dataset.notes + run.shortage.notes
        + (options.adversaries == nil ? run.recipe.evaluationPlan(classes: run.network.classCount).notes : [])
      for note in notes { console.note(note) }
      let weights = Model(parameters: run.network.parameters, statistics: run.network.statistics)
      _ = try communicator.onRoot {
        let model = try stored.read(
          into: weights, options.statement, data: options.dataDirectory,
          presumed: { stored.presumedNormalisation(run) })
        for note in stored.comparison(model, run) { console.note(note) }
      }
      try weights.broadcast(communicator)
      run.stop.request = { platform_signals_received() == 0 ? .none : .signal }
      let plan = try attack(options, run)
      let progress = try EvaluationPace(
        console, run, plan, output,
        saved: options.adversariesFile == nil ? nil : communicator.broadcast(saved.replaced ?? ""),
        subject: { try subject(run, plan, options, stored, weights) })
      var result: AttackEvaluation
      do {
        result = try run.test(
          weights, by: plan, from: progress.start, found: progress.found, progress: progress.show)
      } catch is Interruption {
        throw try progress.stopped()
      }
      _ = try communicator.onRoot {
        result.epsilon = run.recipe.evaluation.attack.epsilon.value
        result.subject = EvaluationSubject(stored, options.weights, run)
        result.intervals = progress.verdicts.map(Bootstrap.intervals)
      }
      ClassSummary.say(
        result, title: stored.title + (stored.outline == nil ? ", \(options.weights.rawValue)" : ""),
        names: stored.classNames ?? run.classNames, verdict: ClassSummary.verdict(result), console)
      ClassSummary.say(stages: result, console)
      ClassSummary.say(breaking: result, names: stored.classNames ?? run.classNames, console)
      ClassSummary.say(warnings: result, console)
      try output.write { try JSONEncoder.pretty().text([result]) }
      if let verdicts = progress.verdicts { try outcomes.write(bytes: { verdicts.npy }) }
      try progress.finish()
      _ = try communicator.onRoot { try console.checkDelivery() }
    }
  }

  /// The recipe's attack, or adversaries from a file.
  private static func attack(_ options: EvaluateOptions, _ run: Run) throws -> AttackPlan {
    guard let path = options.adversaries else {
      return run.recipe.evaluationPlan(classes: run.network.classCount)
    }
    let stored = try StoredAdversaries(path, for: run.dataset.test)
    let (norm, epsilon) = (run.recipe.evaluation.attack.norm, run.recipe.evaluation.attack.epsilon.float)
    _ = try run.communicator.onRoot { try stored.check(run.dataset.test, norm, epsilon: epsilon) }
    return AttackPlan(
      "adversaries of \(path)", in: norm, epsilon: epsilon, [.init("stored", stored)], attacksAll: true)
  }

  /// All that the results follow from, on rank 0.
  private static func subject(
    _ run: Run, _ plan: AttackPlan, _ options: EvaluateOptions, _ stored: StoredModel, _ weights: Model
  ) throws -> String {
    func digest(_ path: String) throws -> String {
      try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { SHA256.hex(of: $0) }
    }
    let recipe = run.recipe
    let keys = recipe.fields.filter { $0.path.hasPrefix("evaluation.attack.") || $0.path == "training.seed" }
    return
      ([
        "attack \(plan.title), \(try options.adversaries.map(digest) ?? "no file")",
        "weights \(try digest(stored.path)), pixels by \(String(describing: weights.normalisation))",
        "images \(run.dataset.test.count) of \(run.dataset.testDigest)",
        "program for \(String(cString: platform_built_level())), \(recipe.engine.convolution.rawValue), \(recipe.engine.gemm.rawValue)",
      ] + keys.map { "\($0.path) \($0.text(recipe))" }).joined(separator: "\n")
  }

  /// The recipe of the checkpoint with what was given on the command line.
  private static func recipe(_ options: EvaluateOptions, _ stored: StoredModel) throws -> Recipe {
    var recipe = try stored.evaluationRecipe(data: options.dataDirectory)
    if let value = options.limit { recipe.data.limitTest = value }
    if let value = options.batch { recipe.evaluation.batch = value }
    var document = RecipeDocument(name: stored.title, heading: [], recipe: recipe)
    for (key, value, option) in try options.attackSettings {
      try document.set("evaluation.attack.\(key)", FieldText(argument: value), origin: option)
    }
    try document.checkAttack(against: Registries.recipes)
    return document.recipe
  }
}
