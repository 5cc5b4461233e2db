// The course of `evaluate --corruptions`.

import CPlatform
import Communication
import Digests
import Failures
import Fairness
import Foundation
import Networks
import Platform
import Recipes
import Training

extension CorruptionJudgement {
  /// Joins the ranks, reads the checkpoint on rank 0, judges its weights on the images of a folder.
  static func execute(_ options: EvaluateOptions, folder: String) throws {
    platform_signals_install()
    try Launching.run(expectedRanks: options.expectedRanks) { communicator in
      try communicator.agree(on: "\(options)", what: "the command line")
      let output = try ResultOutput(options.jsonFile, communicator)
      let console = Console(options.isQuiet ? .quiet : .text, isRoot: communicator.rank == 0, stream: output.stream)
      let stored = try communicator.fromRoot {
        try StoredModel.named(options.checkpoint, average: options.weights == .raw ? nil : options.weights.rawValue)
      }
      var recipe = try stored.recipeWithoutData()
      if let batch = options.batch { recipe.evaluation.batch = batch }
      let classes = recipe.model.classes ?? stored.classNames?.count ?? 0
      let judgement = try CorruptionJudgement(folder, classes: classes, limit: options.limit, communicator)
      let run = try Run(
        recipe: recipe, communicator: communicator,
        threads: try Launching.threads(options.threads, communicator, console), trains: false,
        stalls: Launching.stalls, data: judgement.dataset())
      for note in [run.memoryNote].compactMap(\.self) + stored.notes + run.shortage.notes { console.note(note) }
      let weights = Model(parameters: run.network.parameters, statistics: run.network.statistics)
      _ = try communicator.onRoot {
        let model = try stored.read(into: weights, options.statement)
        let size = [judgement.folder.height, judgement.folder.width]
        if let own = model.imageSize, own != size {
          console.note("the model was trained on images of \(own[0])x\(own[1]), these are \(size[0])x\(size[1])")
        }
      }
      try weights.broadcast(communicator)
      run.stop.request = { platform_signals_received() == 0 ? .none : .signal }
      let judged = try JudgedCorruptions(output, run, console) {
        try judgement.subject(weights, of: stored.path, run.recipe)
      }
      var result = try judgement.judge(weights, run, judged, console)
      judgement.say(result, title: "\(stored.title), \(options.weights.rawValue)", console)
      _ = try communicator.onRoot { result.subject = EvaluationSubject(stored, options.weights, run) }
      try output.write { try JSONEncoder.pretty().text(result) }
      judged.finish()
      _ = try communicator.onRoot { try console.checkDelivery() }
    }
  }

  /// All that the results follow from: files by their lengths and times.
  private func subject(_ weights: Model, of path: String, _ recipe: Recipe) throws -> String {
    let model = try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { SHA256.hex(of: $0) }
    let files = folder.names.map { name in
      let status = FileSystem.status(of: Path.join(folder.path, "\(name).npy"))
      return "\(name) \(status?.st_size ?? 0) \(status?.st_mtim.tv_sec ?? 0)"
    }
    return
      ([
        "weights \(model), pixels by \(String(describing: weights.normalisation))", "images \(folder.summary)",
        "program for \(String(cString: platform_built_level())), \(recipe.engine.convolution.rawValue), \(recipe.engine.gemm.rawValue)",
      ] + files).joined(separator: "\n")
  }
}
