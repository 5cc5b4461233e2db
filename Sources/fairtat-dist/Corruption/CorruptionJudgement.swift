// `evaluate --corruptions`: a clean pass over every file of a folder.

import Communication
import Corruptions
import Datasets
import Evaluation
import Failures
import Fairness
import Foundation
import Networks
import Reports
import Training

/// The evaluation of weights on corrupted images, on every rank.
struct CorruptionJudgement {
  let folder: CorruptedFolder
  private let classes: Int

  /// Reads labels and headers; the same on every rank.
  ///
  /// - Parameters:
  ///   - classes: those that the model knows.
  ///   - limit: the first so many images of each severity; all if nil.
  /// - Throws: `Failure(.badData)` on all ranks for a folder or file that is none.
  init(_ path: String, classes: Int, limit: Int?, _ communicator: any Communicator) throws {
    // What is wrong is told once, by rank 0, before the others look.
    _ = try communicator.onRoot { try CorruptedFolder(path, classes: classes, limit: limit) }
    folder = try CorruptedFolder(path, classes: classes, limit: limit)
    self.classes = classes
    try communicator.agree(on: folder.summary, what: "the corrupted images", cure: "give every rank the same files")
  }

  /// The images of the first file, in place of a test set.
  func dataset() throws -> Dataset {
    let images = try folder.images(folder.names[0], severity: folder.severities[0])
    return Dataset(
      name: "corruptions", classNames: (0..<classes).map { "class \($0)" }, train: images.prefix(0), test: images)
  }

  /// Judges weights on all files, but for what is judged already.
  ///
  /// - Throws: `Failure(.requeue)` on a signal.
  func judge(
    _ weights: Model, _ run: Run, _ judged: JudgedCorruptions, _ console: Console
  ) throws -> CorruptionEvaluation {
    var pace = CorruptionPace(console, files: folder.names.count, images: folder.count * folder.severities.count)
    var rows: [CorruptionEvaluation.Row] = []
    for (number, name) in folder.names.enumerated() {
      let matrices: [(severity: Int, matrix: ConfusionMatrix)] = try folder.severities.map { severity in
        if let matrix = judged[name, severity] { return (severity, matrix) }
        let images = try folder.images(name, severity: severity)
        do {
          let matrix = try run.clean(weights, on: images)
          try judged.add(matrix, of: name, severity: severity)
          pace.made(images.count, of: name, number: number, severity: severity)
          return (severity, matrix)
        } catch is Interruption {
          throw try judged.stopped()
        }
      }
      rows.append(CorruptionEvaluation.Row(name, matrices))
    }
    return CorruptionEvaluation(rows)
  }

  /// Says the accuracies, one row a corruption.
  func say(_ result: CorruptionEvaluation, title: String, _ console: Console) {
    func percent(_ value: Double) -> String { String(format: "%.2f", 100 * value) }
    var table = TextTable(["corruption"] + folder.severities.map { "severity \($0)" } + ["all %", "worst class %"])
    for row in result.corruptions {
      table.add(
        [row.name] + row.severities.map { percent($0.accuracy) } + [percent(row.accuracy), percent(row.worst)])
    }
    console.say("")
    console.say("\(title), corrupted images, \(folder.count) a severity")
    console.say(table)
    if let accuracy = result.meanAccuracy, let worst = result.meanWorst {
      console.say("mean of \(result.meanOf) corruptions: \(percent(accuracy)) %, worst class \(percent(worst)) %")
    }
  }
}
