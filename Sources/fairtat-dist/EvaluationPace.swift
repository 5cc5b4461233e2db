// What is said and kept while an evaluation goes on.

import Attacks
import Communication
import Evaluation
import Failures
import Fairness
import Foundation
import Platform
import Tensors
import Training

/// The course of one evaluation, on every rank: lines for the user, once in a while, and what a later start goes on from.
final class EvaluationPace {
  /// What an earlier start judged.
  let start: EvaluationRecord?
  private let console: Console
  private let communicator: any Communicator
  /// Rank 0's, where the results go to a regular file.
  private let keeper: EvaluationKeeper<EvaluationRecord>?
  private let keeps: Bool
  private let adversaries: AdversaryFile?
  private var known: EvaluationRecord?
  private var last = ContinuousClock.now
  private static let interval = Duration.seconds(5)

  /// - Parameters:
  ///   - saved: the file for adversaries.
  ///   - subject: all that the results follow from; asked on rank 0.
  init(
    _ console: Console, _ run: Run, _ plan: AttackPlan, _ output: ResultOutput, saved: String?,
    subject: () throws -> String
  ) throws {
    self.console = console
    let communicator = run.communicator
    self.communicator = communicator
    let subject = try communicator.onRoot { try subject() + (saved.map { "\nadversaries to \($0)" } ?? "") } ?? ""
    keeper =
      try communicator.onRoot {
        try output.replaced.map { try EvaluationKeeper<EvaluationRecord>(results: $0, subject: subject) }
      } ?? nil
    adversaries = try saved.map { try AdversaryFile($0, of: run.dataset.test, subject: subject, communicator) }
    let hasRows = adversaries?.goesOn ?? true
    let found = try communicator.fromRoot { [keeper] () -> [EvaluationRecord] in
      guard let (record, note) = keeper?.read() else { return [] }
      if let note { console.note(note) }
      guard let record else { return [] }
      guard
        record.isWhole(
          examples: run.dataset.test.count, classes: run.network.classCount, attacks: plan.stages.map(\.name))
      else {
        console.note("what was kept of this evaluation is damaged: it begins anew")
        return []
      }
      guard hasRows else {
        console.note("the adversaries found so far are not there: the evaluation begins anew")
        return []
      }
      console.say("going on: \(record.verdicts.summary)")
      return [record]
    }
    start = found.first
    known = start
    keeps = try communicator.broadcast(keeper == nil ? 0 : 1) == 1
  }

  /// After a round, on every rank.
  func show(_ progress: EvaluationProgress, _ record: EvaluationRecord) throws {
    known = record
    if keeps { _ = try communicator.onRoot { try keeper?.keep(record) { try adversaries?.sync() } } }
    guard ContinuousClock.now - last >= Self.interval else { return }
    last = .now
    console.progress(
      String(
        format: "%@ (%d of %d)  %d of %d images  %d robust  %@ left", progress.stage, progress.number, progress.stages,
        progress.judged, progress.all, progress.robust, PlainText.duration(progress.secondsLeft)))
  }

  /// What was found of examples of this rank; nil where nobody wants it.
  var found: (([Int], Tensor) throws -> Void)? {
    guard let adversaries else { return nil }
    return { try adversaries.write($0, $1) }
  }

  /// Keeps what was judged; what the command ends with.
  func stopped() throws -> Failure {
    guard keeps else {
      return Failure(
        .requeue,
        "stopped on a signal, and without --json FILE an evaluation keeps nothing: start the same command again")
    }
    _ = try communicator.onRoot { if let known { try keeper?.keep(known, now: true) { try adversaries?.sync() } } }
    return Failure(
      .requeue,
      "stopped on a signal\(known.map { ": \($0.verdicts.summary)" } ?? "") is kept; start the same command again to go on"
    )
  }

  /// What became of each image, as far as it is known.
  var verdicts: Verdicts? { known?.verdicts }

  /// The results are there.
  func finish() throws {
    try adversaries?.finish()
    keeper?.finish()
  }
}
