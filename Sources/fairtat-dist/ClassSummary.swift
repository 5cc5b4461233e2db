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
    _ result: AttackEvaluation, title: String, names: [String], margins255: [Float]? = nil, _ console: Console
  ) {
    let table = ClassTable(names: names, clean: result.clean, robust: result.robust, margins255: margins255)
    let cells = table.text
    var text = TextTable(cells.columns)
    for (row, isWorst) in zip(cells.rows, table.rows.map(\.isWorst)) { text.add(row, highlighted: isWorst) }
    let r = result.result
    let worst = table.rows.count(where: \.isWorst)
    let unjudged = table.rows.filter { $0.count == 0 }.map(\.name)
    console.say("")
    console.say("\(title), \(result.attack), \(result.count) examples")
    console.say(text)
    console.say(
      String(
        format: "clean %.2f %%, robust %.2f %%, worst class clean %.2f %%, robust %.2f %%", 100 * r.cleanAccuracy,
        100 * r.robustAccuracy, 100 * r.cleanWorst, 100 * r.robustWorst)
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
}
