// What `analyze` was asked for, and its course: model by model, then adversaries of each against the others.

import CPlatform
import Communication
import Evaluation
import Failures
import Fairness
import Foundation
import Networks
import Platform
import Reports
import Tensors
import Training

/// The task of one `analyze`, the same on every rank.
struct AnalysisTask: Sendable {
  /// Places of models; at least one.
  let checkpoints: [String]
  let labels: [String]
  let weights: WeightKind
  let data: String?
  let normalisation: Normalisation?
  let limit: Int?
  let plan: AnalysisPlan
  let batch: Int?
  let threads: Int?
  let output: String
  let replaces: Bool
  let expectedRanks: Int?
  let isQuiet: Bool

  /// Joins the ranks, analyses, writes.
  func execute() throws {
    platform_signals_install()
    let labels = try RunLabels(labels, runs: checkpoints)
    try Launching.run(expectedRanks: expectedRanks) { communicator in
      try communicator.agree(on: "\(self)", what: "the command line")
      let console = Console(isQuiet ? .quiet : .text, isRoot: communicator.rank == 0)
      let stored = try communicator.fromRoot {
        try checkpoints.map { try StoredModel.named($0, average: weights == .raw ? nil : weights.rawValue) }
      }
      let folder = try communicator.onRoot { try AnalysisFolder(output, replaces: replaces) }
      let names = AnalysedNames(checkpoints, labels).names
      let threads = try Launching.threads(self.threads, communicator, console)
      let course = AnalysisCourse(self, names, stored, communicator, console, threads: threads)
      do {
        let (page, analysis) = try course.run()
        _ = try communicator.onRoot { try folder?.write(analysis, page) { console.say("wrote \($0)") } }
      } catch is Interruption {
        throw Failure(
          .requeue, "stopped on a signal, and nothing is kept: start the same command again, it begins anew")
      }
      _ = try communicator.onRoot { try console.checkDelivery() }
    }
  }
}

/// What models are called: the names of their runs, told apart by numbers where they are the same.
struct AnalysedNames {
  let names: [String]

  init(_ places: [String], _ labels: RunLabels) {
    var seen: [String: Int] = [:]
    names = places.indices.map { index in
      if let label = labels[index] { return label }
      var name = Path.name(of: places[index])
      // A checkpoint lies two folders below its run.
      let folder = Path.parent(of: places[index])
      if Path.name(of: folder) == "checkpoints" { name = "\(Path.name(of: Path.parent(of: folder))), \(name)" }
      seen[name, default: 0] += 1
      return seen[name] == 1 ? name : "\(name) (\(seen[name] ?? 0))"
    }
  }
}
