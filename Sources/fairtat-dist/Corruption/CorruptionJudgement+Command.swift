// The course of `evaluate --corruptions`.

import CPlatform
import Communication
import Failures
import Foundation
import Networks
import Training

extension CorruptionJudgement {
  /// Joins the ranks, reads the checkpoint on rank 0, judges its weights on the images of a folder.
  static func execute(_ options: EvaluateOptions, folder: String) throws {
    platform_signals_install()
    try Launching.run(expectedRanks: options.expectedRanks) { communicator in
      try communicator.agree(on: "\(options) \(folder)", what: "the command line")
      let output = try ResultOutput(options.jsonFile, communicator)
      let console = Console(options.isQuiet ? .quiet : .text, isRoot: communicator.rank == 0, stream: output.stream)
      let stored = try communicator.fromRoot {
        try StoredModel.checkpoint(
          options.checkpoint, average: options.weights == .raw ? nil : options.weights.rawValue)
      }
      var recipe = try stored.recipeWithoutData()
      if let batch = options.batch { recipe.evaluation.batch = batch }
      let judgement = try CorruptionJudgement(
        folder, classes: stored.classNames.count, limit: options.limit, communicator)
      let run = try Run(
        recipe: recipe, communicator: communicator,
        threads: try Launching.threads(options.threads, communicator, console), trains: false,
        stalls: Launching.stalls, data: judgement.dataset(stored.classNames))
      for note in [run.memoryNote].compactMap(\.self) + stored.notes + run.shortage.notes { console.note(note) }
      let weights = Model(parameters: run.network.parameters, statistics: run.network.statistics)
      _ = try communicator.onRoot { _ = try stored.read(into: weights, options.statement) }
      try weights.broadcast(communicator)
      run.stop.request = { platform_signals_received() == 0 ? .none : .signal }
      let result = try judgement.judge(weights, run, console)
      judgement.say(result, title: "\(stored.title), \(options.weights.rawValue)", console)
      try output.write { try JSONEncoder.pretty().text(result) }
      _ = try communicator.onRoot { try console.checkDelivery() }
    }
  }
}
