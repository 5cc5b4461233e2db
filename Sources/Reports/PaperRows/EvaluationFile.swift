// What `evaluate --json` wrote, as the paper's tables of evaluations read it.

import Failures
import Fairness
import Foundation
import Recipes

/// One evaluation of a row's weights.
package struct EvaluationFile: Sendable {
  /// What judged them.
  enum Results: Sendable {
    case attack(AttackEvaluation)
    case corruptions(CorruptionResults)
  }

  let results: Results
  let subject: EvaluationSubject
  let setting: PaperTable.Setting
  let row: PaperTable.Row
  /// `table1-SETTING-ROW`.
  let recipe: String
  let seed: String

  /// Reads what `json` holds.
  ///
  /// - Throws: `Failure(.badData)` with what is wrong, to follow the name of the file: no evaluation, or none of the weights of a row.
  package init(json: [UInt8]) throws(Failure) {
    results = try Self.results(Data(json))
    guard let subject = results.subject else {
      throw Failure(.badData, "it does not say whose weights it judges: evaluate them again")
    }
    guard let recipe = subject.recipe, let seed = subject.seed, let place = PaperTable.place(of: recipe),
      let changed = subject.changed
    else {
      throw Failure(.badData, "no row of the paper's tables: its recipe is \(subject.recipe ?? "unknown")")
    }
    guard changed.isEmpty else {
      throw Failure(.badData, "it is not the row, but has \(changed.joined(separator: "; "))")
    }
    guard UInt64(seed).map({ "\($0)" }) == seed else { throw Failure(.badData, "its seed is \(seed), no whole number") }
    guard subject.moment == .last || subject.moment == .best else {
      throw Failure(.badData, "it is of step \(subject.step ?? 0), neither the last nor the best checkpoint of its run")
    }
    self.subject = subject
    (setting, row) = place
    self.recipe = recipe
    self.seed = seed
  }

  private static func results(_ json: Data) throws(Failure) -> Results {
    // An attack's are in an array, as a training's log may have several.
    let isArray = json.first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "[")
    do {
      if !isArray {
        let corruptions = try JSONDecoder().decode(CorruptionResults.self, from: json)
        if let fault = corruptions.fault { throw Failure(.badData, fault) }
        return .corruptions(corruptions)
      }
      let evaluations = try JSONDecoder().decode([AttackEvaluation].self, from: json)
      guard evaluations.count == 1 else {
        throw Failure(.badData, "it has \(evaluations.count) evaluations where there should be one")
      }
      return .attack(evaluations[0])
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.badData, "no file of evaluate --json: \(LineCheck.words(for: error))")
    }
  }

  /// The row, with weights and checkpoint where they are not the usual ones.
  var title: String {
    row.title + (subject.weights == "raw" ? "" : ", \(Weights.title(subject.weights))")
      + (subject.moment == .best ? ", best" : "")
  }

  /// The attack's evaluation, where there was an attack.
  var attack: AttackEvaluation? { if case .attack(let evaluation) = results { evaluation } else { nil } }

  var corruptions: CorruptionResults? {
    if case .corruptions(let results) = results { results } else { nil }
  }

  /// Images, with corruptions those of one at one severity.
  var count: Int64 { attack?.count ?? corruptions?.images ?? 0 }

  /// In [0, 1]; robust is what an attack or corruptions leave, nil what the file does not have.
  func value(_ figure: AccuracyFigure) -> Double? {
    switch results {
    case .attack(let evaluation): evaluation.result[figure]
    case .corruptions(let results):
      figure == .robust ? results.meanAccuracy : figure == .robustWorst ? results.meanWorst : nil
    }
  }

  func interval(_ figure: AccuracyFigure) -> Interval? {
    attack?.intervals?[figure]
  }
}

extension EvaluationFile.Results {
  var subject: EvaluationSubject? {
    switch self {
    case .attack(let evaluation): evaluation.subject
    case .corruptions(let results): results.subject
    }
  }
}
