// What is left of a finished run of a row of the paper's table: a small file that can be kept and shared, in the run's place.

import Failures
import Fairness
import Foundation
import Recipes

/// The result of a row with one seed; the lines of `docs/results`.
package struct RowResult: Codable, Equatable, Sendable {
  /// The recipe, `table1-SETTING-ROW`.
  package let recipe: String
  package let seed: String
  /// SHA-256 of the state after the last epoch, and of the data.
  package let digest: String?, dataDigest: String?
  /// Keys that decide the result and are not as the recipe has them, such as `training.epochs 3`.
  package let changed: [String]
  /// What the row was, `RowDefinition.lines`; nil in files of older programs.
  package let definition: [String]?
  package let epochs: Int
  /// Of the training, without validation, test and checkpoints.
  package let trainingSeconds: Double?
  package let version: String?, builtFor: String?, processor: String?
  package let ranks: Int?, threads: Int?
  /// How often each average took in weights.
  package let accepted: [String: Int]?
  /// After the last epoch, by weights.
  package let validation: [String: EvaluationEntry]?, test: [String: EvaluationEntry]?

  private enum CodingKeys: String, CodingKey {
    case recipe, seed, digest, changed, definition, epochs, version, processor, ranks, threads, accepted, validation,
      test
    case dataDigest = "data_digest"
    case trainingSeconds = "training_seconds"
    case builtFor = "built_for"
  }

  /// - Throws: `Failure(.badData)` for a run that is no row of the table, not finished, or damaged.
  package init(_ run: RunRecord) throws(Failure) {
    if let obstacle = run.obstacle { throw Failure(.badData, obstacle) }
    let recipe = run.environment?.recipe ?? "unknown"
    guard let last = run.log.epochs.last, let changes = Self.changes(run.recipe, of: recipe, seed: run.seed) else {
      throw Failure(.badData, "no row of the paper's table: its recipe is \(recipe)")
    }
    self.recipe = recipe
    seed = run.seed
    changed = changes + run.history.changes
    definition = RowDefinition(run.recipe).lines
    epochs = last.epoch + 1
    var seconds = 0.0
    for epoch in run.log.epochs {
      guard let images = epoch.train?.classCount?.reduce(0, +), let rate = epoch.imagesPerSecond, rate > 0 else {
        continue
      }
      seconds += Double(images) / rate
    }
    trainingSeconds = seconds > 0 ? seconds.rounded() : nil
    (digest, dataDigest) = (last.digest, run.environment?.dataDigest)
    (version, builtFor) = (run.environment?.version, run.environment?.builtFor)
    (processor, ranks, threads) = (run.environment?.processor, run.environment?.ranks, run.environment?.threads)
    (accepted, validation, test) = (last.accepted, last.validation, last.test)
  }

  /// Reads what `json` wrote.
  ///
  /// - Throws: `Failure(.badData)` with what is wrong, to follow the name of the file.
  package init(json: [UInt8]) throws(Failure) {
    do {
      self = try JSONDecoder().decode(RowResult.self, from: Data(json))
    } catch {
      throw Failure(.badData, "no result of a row: \(LineCheck.words(for: error))")
    }
    var check = LineCheck()
    // It becomes part of the name of a file.
    check.expect(UInt64(seed).map { "\($0)" } == seed, "seed is \(seed), no whole number")
    check.count(Int64(epochs), "epochs", from: 1)
    check.expect(PaperTable.place(of: recipe) != nil, "recipe is \(recipe), no row of the paper's table")
    check.number(trainingSeconds, "training_seconds", in: LineCheck.notNegative)
    for (split, results) in [("validation", validation), ("test", test)] {
      for (weights, result) in (results ?? [:]).sorted(by: { $0.key < $1.key }) {
        for figure in AccuracyFigure.allCases {
          check.number(result[figure], "\(split).\(weights).\(figure.column)", in: LineCheck.fraction)
        }
      }
    }
    if let fault = check.fault { throw Failure(.badData, fault) }
  }

  /// One line of JSON, the same for the same result.
  package var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }

  /// What the file of this result is called.
  package var fileName: String { "\(recipe)-seed\(seed).json" }

  /// Keys that decide the result and are not as the row of that name has them; nil where there is no such row.
  package static func changes(_ mine: RecipeValues, of recipe: String, seed: String) -> [String]? {
    guard let row = RowDefinition(ofRow: recipe) else { return nil }
    return RowDefinition(mine).differences(from: row).map { "\($0.key) \($0.own)" }
      + otherStart(mine["model.start-from"] ?? "", recipe, seed)
  }

  /// First weights that are not those of the row's start with the same seed: runs are known by their names.
  private static func otherStart(_ path: String, _ recipe: String, _ seed: String) -> [String] {
    guard let (setting, row) = PaperTable.place(of: recipe), let start = row.start else { return [] }
    let expected = "\(PaperTable.name(start, setting))-seed\(seed)"
    return path.split(separator: "/").last.map(String.init) == expected ? [] : ["model.start-from \(path)"]
  }
}
