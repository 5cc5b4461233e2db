// All that a page about a run is made of, read from its directory.

import Failures
import Fairness
import Foundation

/// A run as its files tell it.
package struct RunRecord: Sendable {
  /// The run directory as it was named.
  package let path: String
  package let log: MetricsLog
  package let recipe: RecipeValues
  /// The resolved recipe as it lies there.
  package let recipeText: String
  package let environment: EnvironmentEntry?
  /// When the log grew last.
  package let updated: Date?
  /// One per class.
  package let classNames: [String]

  /// Takes a run from the texts of its files.
  ///
  /// - Parameter classes: `classes.csv`, for the names of the classes; numbers stand in for those it lacks.
  package init(
    path: String, metrics: String, recipe: String = "", environment: String = "", classes: String = "",
    updated: Date? = nil
  ) {
    self.path = path
    log = MetricsLog(metrics)
    self.recipe = RecipeValues(recipe)
    recipeText = recipe
    self.environment = EnvironmentEntry(json: environment)
    self.updated = updated
    let named = Self.names(classes)
    classNames = (0..<log.classCount).map { named[$0] ?? "class \($0)" }
  }

  /// Reads the directory of a finished or running run; all files but `metrics.jsonl` may be missing.
  ///
  /// - Throws: `Failure(.inputOutput)` for a folder that holds no run.
  package init(directory path: String) throws(Failure) {
    let folder = URL(fileURLWithPath: path)
    func text(_ name: String) -> String? {
      (try? Data(contentsOf: folder.appendingPathComponent(name))).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let metrics = text("metrics.jsonl") else {
      throw Failure(.inputOutput, "\(path) holds no metrics.jsonl that can be read: name the directory of a run")
    }
    let file = folder.appendingPathComponent("metrics.jsonl").path
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    self.init(
      path: path, metrics: metrics, recipe: text("recipe.resolved.yaml") ?? "",
      environment: text("environment.json") ?? "", classes: text("classes.csv") ?? "",
      updated: attributes?[.modificationDate] as? Date)
  }

  /// Names by class index, from the first lines of `classes.csv`.
  private static func names(_ csv: String) -> [Int: String] {
    var names: [Int: String] = [:]
    for line in csv.split(separator: "\n").dropFirst() {
      let fields = CSV.fields(String(line))
      guard fields.count > 3, let index = Int(fields[2]) else { continue }
      // The classes of the next evaluation are the same.
      if names[index] != nil { break }
      names[index] = fields[3]
    }
    return names
  }

  // MARK: - What it is

  /// The name of the recipe; of the directory where none is known.
  package var name: String {
    environment?.recipe ?? URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
  }

  package var method: String { recipe["method.name"] ?? Figures.absent }

  package var model: String {
    guard let name = recipe["model.name"] else { return Figures.absent }
    return name + (recipe["model.width"].map { ", width \($0)" } ?? "")
  }

  package var seed: String { recipe["training.seed"] ?? Figures.absent }

  /// The length of the recipe.
  package var epochs: Int? { recipe["training.epochs"].flatMap { Int($0) } }

  /// Whether all epochs are over; nil where the recipe does not tell.
  package var isFinished: Bool? {
    epochs.map { epochs in log.epochs.last.map { $0.epoch + 1 >= epochs } ?? false }
  }

  // MARK: - Results

  /// The results of an epoch: the last one, or the best on the validation split.
  package func epoch(_ moment: RunMoment) -> EpochEntry? { moment == .last ? log.epochs.last : log.best }

  /// The latest results by class of the raw weights, of the test set if there are any, and what they are of.
  package var classResults: (epoch: EpochEntry, split: ResultSplit, result: EvaluationEntry)? {
    for split in ResultSplit.allCases {
      for epoch in log.epochs.reversed() {
        if let result = epoch.results(split)["raw"], result.classRobust?.count == classNames.count {
          return (epoch, split, result)
        }
      }
    }
    return nil
  }

  /// The classes that have examples, worst first: by the latest robust accuracy, else by that of the training batches.
  package var rankedClasses: [Int] {
    guard let result = classResults?.result, let robust = result.classRobust else {
      let training = log.epochs.last?.classTraining ?? []
      return training.count == classNames.count ? WorstClasses.order(training) : []
    }
    let clean = result.classClean.flatMap { $0.count == robust.count ? $0 : nil }
    return WorstClasses.order(robust, clean: clean)
  }

  /// The classes to point out, worst first: those that make up the worst-class accuracy.
  package var worstClasses: [Int] {
    let ranked = rankedClasses
    return Array(ranked.prefix(WorstClasses.count(ofPresent: ranked.count)))
  }
}
