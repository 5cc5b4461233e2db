// The files of a run that grow: metrics.jsonl and classes.csv, written by rank 0.

import Checkpoints
import Fairness
import Foundation
import Methods
import Platform
import Reports

/// Writes the lines of steps and epochs, and tells the console.
final class RunLog {
  private let directory: RunDirectory
  private let metrics: PatientLog
  private let classes: PatientLog
  private let console: Console
  private let classNames: [String]
  private let epochs: Int
  private let stepsPerEpoch: Int
  /// Images and seconds of training since the last step line, and of the epoch.
  private var images = 0, seconds = 0.0
  private var epochImages = 0, epochSeconds = 0.0
  private let firstStep: Int
  /// What was said of evaluations already: once is enough.
  private var warned: Set<EvaluationWarning.Kind> = []
  private let started = monotonicSeconds()

  /// Opens the logs; on a resume they are cut back to the checkpoint's step, and what is cut is kept aside.
  init(
    _ directory: RunDirectory, console: Console, classNames: [String], epochs: Int, stepsPerEpoch: Int,
    state: TrainingState
  ) throws {
    // The state before the end of an epoch has the step of its end: then the epoch's lines are to come again.
    let endsEpoch = state.stepInEpoch == stepsPerEpoch
    let cut = try LineLog.cutJSON(directory.metrics, after: state.step, andAt: endsEpoch ? "epoch" : nil)
    if let aside = cut.aside {
      console.say("cut \(cut.moved) lines after step \(state.step) off the log, kept in \(aside)")
    }
    _ = try LineLog.cut(directory.classes) { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count > 1, let step = Int(cells[1]) else { return true }
      return endsEpoch ? step < state.step : step <= state.step
    }
    metrics = PatientLog(try LineLog(directory.metrics))
    let classes = try LineLog(directory.classes)
    if classes.isEmpty { try classes.append(Self.withoutNewline(ClassTable.csvHeader)) }
    self.classes = PatientLog(classes)
    self.directory = directory
    self.console = console
    self.classNames = classNames
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    firstStep = state.step
  }

  private static func withoutNewline(_ text: String) -> String { text.hasSuffix("\n") ? String(text.dropLast()) : text }

  /// - Parameter ranks: where the step is due for a line.
  func step(_ line: StepLine, _ ranks: RankTimes?) throws {
    images += line.images
    seconds += line.totalSeconds
    epochImages += line.images
    epochSeconds += line.totalSeconds
    let inEpoch = line.step - line.epoch * stepsPerEpoch
    guard let ranks else { return }
    let rate = Double(images) / seconds
    let text = try jsonLine(
      StepRecord(
        epoch: line.epoch, step: line.step, loss: line.loss, learningRate: line.learningRate, imagesPerSecond: rate,
        seconds: line.seconds, ranks: ranks))
    try metrics.append(text)
    console.json(text)
    let left =
      (monotonicSeconds() - started) / Double(line.step - firstStep)
      * Double(epochs * stepsPerEpoch - line.step)
    console.progress(
      String(
        format: "epoch %d/%d  step %d/%d  loss %.4f  %.1f images/s  %@ left", line.epoch + 1, epochs, inEpoch,
        stepsPerEpoch, line.loss, rate, PlainText.duration(left)))
    (images, seconds) = (0, 0)
  }

  func epoch(_ line: EpochLine) throws {
    let record = EpochRecord(line, imagesPerSecond: epochSeconds > 0 ? Double(epochImages) / epochSeconds : 0)
    (epochImages, epochSeconds) = (0, 0)
    let text = try jsonLine(record)
    try metrics.append(text)
    console.json(text)
    try append(ClassTable(names: classNames, training: line.record), line, .train, "raw")
    for (split, results) in [(ClassTable.Split.validation, line.validation), (.test, line.test)] {
      for (weights, result) in results.sorted(by: { $0.key < $1.key }) {
        try append(
          ClassTable(names: classNames, clean: result.clean, robust: result.robust, margins255: line.record.margins255),
          line, split, weights)
      }
    }
    var parts = [
      String(
        format: "epoch %d/%d  loss %.4f  robust %.2f %% of the training batches", line.epoch + 1, epochs, line.loss,
        100 * record.train.robustAccuracy)
    ]
    for (name, results) in [("validation", line.validation), ("test", line.test)] {
      for (weights, result) in results.mapValues(\.result).sorted(by: { $0.key > $1.key }) {
        parts.append(
          String(
            format: "%@ %@: clean %.2f, robust %.2f, worst %.2f / %.2f %%", name, weights, 100 * result[.clean],
            100 * result[.robust], 100 * result[.cleanWorst], 100 * result[.robustWorst]))
      }
    }
    console.say(parts.joined(separator: "; "))
    warn(of: Array(line.validation.values) + Array(line.test.values))
    do {
      try flush()
    } catch {
      console.note("warning: \(error); the lines wait for room")
    }
    writeReport()
  }

  private func warn(of results: [AttackEvaluation]) {
    for warning in results.flatMap(\.warnings) where warned.insert(warning.kind).inserted {
      console.note("warning: \(warning.text)")
    }
  }

  /// Makes all lines durable, as they must be before a checkpoint of their step is.
  ///
  /// - Throws: `Failure(.inputOutput)` while a disk takes no more; no line is lost.
  func flush() throws {
    try metrics.flush()
    try classes.flush()
  }

  /// The page about the run so far; a run does not end for the want of it.
  private func writeReport() {
    do {
      try AtomicFile.write(RunPage(RunRecord(directory: directory.path)).html, to: directory.report)
    } catch {
      console.note("warning: no report: \(error)")
    }
  }

  private func append(_ table: ClassTable, _ line: EpochLine, _ split: ClassTable.Split, _ weights: String) throws {
    let lines = table.csv(epoch: line.epoch, step: line.step, split: split, weights: weights)
    for row in lines.split(separator: "\n") { try classes.append(String(row)) }
  }
}
