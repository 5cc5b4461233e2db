// All that a page about a run is made of, read from its directory. The files may be damaged; what is left of them is sane.

import Checkpoints
import Failures
import Fairness
import Foundation
import Platform
import Recipes

/// A run as its files tell it.
package struct RunRecord: Sendable {
  /// The run directory as it was named.
  package let path: String
  package let log: MetricsLog
  package let recipe: RecipeValues
  /// The resolved recipe as it lies there.
  package let recipeText: String
  package let environment: EnvironmentEntry?
  /// How its recipe changed on the way.
  package let history: RunHistory
  /// When the log grew last.
  package let updated: Date?
  /// One per class.
  package let classNames: [String]
  /// What is wrong with the files, the first of it: file, line and reason; nil for a run that is whole so far.
  package let damage: String?
  /// What the user calls it, if anything.
  package var label: String?

  /// Takes a run from the texts of its files.
  ///
  /// - Parameter classes: `classes.csv`, for the names of the classes; numbers stand in for those it lacks.
  package init(
    path: String, metrics: String, recipe: String = "", environment: String = "", classes: String = "",
    lives: String = "", updated: Date? = nil
  ) {
    self.init(
      path: path, log: MetricsLog(metrics), recipe: recipe, environment: environment, classes: classes, lives: lives,
      updated: updated)
  }

  /// - Parameter broken: what was found wrong with a file before it became a text.
  private init(
    path: String, log: MetricsLog, recipe: String, environment: String, classes: String, lives: String,
    updated: Date?, broken: String? = nil
  ) {
    self.path = path
    self.log = log
    let directory = RunDirectory(path)
    self.recipe = RecipeValues(recipe, file: directory.recipe)
    recipeText = recipe
    var damage = log.fault.map { "\(directory.metrics):\($0.line): \($0.reason)" } ?? broken ?? self.recipe.fault
    do {
      self.environment = environment.isEmpty ? nil : try EnvironmentEntry(json: environment)
    } catch {
      self.environment = nil
      damage = damage ?? "\(directory.environment): \(LineCheck.words(for: error))"
    }
    self.damage = damage
    history = RunHistory(lives: lives)
    self.updated = updated
    let named = Self.names(classes)
    classNames = (0..<log.classCount).map { named[$0] ?? "class \($0)" }
  }

  /// Reads the directory of a finished or running run; all files but `metrics.jsonl` may be missing.
  ///
  /// - Throws: `Failure(.badData)` for what is no directory of a run, `Failure(.inputOutput)` for one that cannot be read.
  package init(directory path: String) throws(Failure) {
    let directory = RunDirectory(path)
    guard FileSystem.status(of: path) != nil else { throw Failure(.badData, "no such directory: \(path)") }
    guard FileSystem.isDirectory(path) else { throw Failure(.badData, "\(path) is no directory of a run") }
    let metrics: [UInt8]
    do throws(Failure) {
      metrics = try FileReader(directory.metrics).bytes()
    } catch {
      guard error.code == .badData else { throw error }
      throw Failure(.badData, "\(path) holds no metrics.jsonl: it is no run, or one that has just begun")
    }
    var broken: String?
    /// A small file as text; empty where there is none.
    func text(_ file: String) -> String {
      guard let bytes = try? FileReader(file).bytes(upTo: 1 << 24) else { return "" }
      if let text = String(validating: bytes, as: UTF8.self) { return text }
      broken = broken ?? "\(file): not UTF-8 text"
      return ""
    }
    let (recipe, environment, lives) = (
      text(directory.recipe), text(directory.environment), text(directory.lives)
    )
    // Names stand at its beginning; the file grows with every epoch.
    let classes = (try? FileReader(directory.classes).bytes(upTo: 1 << 24)) ?? []
    let updated = FileSystem.status(of: directory.metrics)?.st_mtim.tv_sec
    self.init(
      path: path, log: MetricsLog(metrics), recipe: recipe, environment: environment,
      classes: String(decoding: classes, as: UTF8.self), lives: lives,
      updated: updated.map { Date(timeIntervalSince1970: Double($0)) },
      broken: broken)
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

  /// Its label; else the name of the recipe; of the directory where none is known.
  package var name: String {
    label ?? environment?.recipe ?? Path.name(of: FileSystem.realPath(path) ?? path)
  }

  package var method: String {
    recipe["method.name"].map { Recipe.methodTitle($0, attackPrecision: recipe["attack.precision"]) } ?? Figures.absent
  }

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

  /// Why it cannot stand beside others, if so: it is damaged, or has no last epoch yet.
  package var obstacle: String? {
    if let damage { return "damaged: \(damage)" }
    guard let last = log.epochs.last else { return "just begun: no epoch is over" }
    return isFinished == false ? "not finished: \(last.epoch + 1) of \(epochs ?? 0) epochs are over" : nil
  }

  /// SHA-256 of the state after the last epoch.
  package var digest: String? { log.epochs.last?.digest }

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
