// The table per class at the end of a training and of an evaluation.

import Datasets
import Fairness
import Foundation
import Reports
import Training

/// Says class tables on the console.
enum ClassSummary {
  /// The best-founded results of the last epoch: the test set's, else the validation split's.
  static func say(_ line: EpochLine, names: [String], _ console: Console) {
    let results = line.test.isEmpty ? line.validation : line.test
    let split = line.test.isEmpty ? "validation" : "test"
    for (weights, result) in results.sorted(by: { ($0.key == "raw" ? "" : $0.key) < ($1.key == "raw" ? "" : $1.key) }) {
      if line.accepted[weights] == 0 {
        console.say("")
        console.say("\(weights) accepted no epoch: its weights are the raw ones")
        continue
      }
      say(
        result, title: "last epoch, \(weights) weights, \(split)", names: names, margins255: line.record.margins255,
        console)
    }
  }

  /// The classes of one evaluation.
  static func say(
    _ result: AttackEvaluation, title: String, names: [String], margins255: [Float]? = nil, verdict: String? = nil,
    _ console: Console
  ) {
    let table = ClassTable(names: names, clean: result.clean, robust: result.robust, margins255: margins255)
    let cells = table.text
    var text = TextTable(cells.columns)
    for (row, isWorst) in zip(cells.rows, table.rows.map(\.isWorst)) { text.add(row, highlighted: isWorst) }
    let r = result.result
    let worst = table.rows.count(where: \.isWorst)
    let unjudged = table.rows.filter { $0.count == 0 }.map(\.name)
    func percent(_ figure: AccuracyFigure) -> String {
      let interval = result.intervals?[figure]
      return String(format: "%.2f %%", 100 * r[figure])
        + (interval.map { String(format: " (%.1f to %.1f)", 100 * $0.lower, 100 * $0.upper) } ?? "")
    }
    console.say("")
    console.say("\(title), \(result.attack), \(result.count) examples")
    console.say(text)
    if let verdict { console.say(verdict) }
    console.say(
      "clean \(percent(.clean)), robust \(percent(.robust)), worst class clean \(percent(.cleanWorst)), robust "
        + "\(percent(.robustWorst))"
        + (worst > 1 ? " (means of the worst \(worst))" : "")
        + (unjudged.isEmpty
          ? ""
          : "; \(ClassNames.have(unjudged.count, of: names.count)) no example: \(ClassNames.first(unjudged))"))
  }

  /// What each of several attacks left; nothing where there is one.
  static func say(stages result: AttackEvaluation, _ console: Console) {
    guard result.stages.count > 1 else { return }
    var table = TextTable(["after", "robust", "robust %", "worst class %", "seconds"])
    for stage in result.stages {
      let worst = WorstClasses.accuracy(correct: stage.classRobustCount, examples: result.clean.examples) ?? 0
      table.add([
        stage.attack, "\(stage.robustCount)",
        String(format: "%.2f", 100 * Double(stage.robustCount) / Double(stage.count)),
        String(format: "%.2f", 100 * worst), String(format: "%.1f", stage.seconds),
      ])
    }
    console.say("")
    console.say(table)
  }

  /// Which attack broke how many of each class; nothing where there is one attack, or very many classes.
  static func say(breaking result: AttackEvaluation, names: [String], _ console: Console) {
    guard result.stages.count > 1, names.count <= 20, names.count == result.clean.classCount else { return }
    var table = TextTable(["class", "name", "N", "clean"] + result.stages.map { "by \($0.attack)" } + ["robust"])
    for (k, name) in names.enumerated() {
      let left = [result.clean.correct[k]] + result.stages.map { $0.classRobustCount[k] }
      table.add(
        ["\(k)", name, "\(result.clean.examples[k])", "\(left[0])"] + zip(left, left.dropFirst()).map { "\($0 - $1)" }
          + ["\(left[left.count - 1])"])
    }
    console.say("")
    console.say("broken, by the first attack that did")
    console.say(table)
  }

  /// Whether anything speaks against the numbers; the line above them.
  static func verdict(_ result: AttackEvaluation) -> String {
    let count = result.warnings.count
    return count == 0
      ? "verdict: no sign against these numbers"
      : "verdict: \(count) warning\(count == 1 ? "" : "s") below; these numbers may say less than they seem to"
  }

  /// The warnings, each with its page.
  static func say(warnings result: AttackEvaluation, _ console: Console) {
    for warning in result.warnings {
      console.note("warning: \(warning.text) (docs/warnings.md, \(warning.kind.rawValue))")
    }
  }
}
