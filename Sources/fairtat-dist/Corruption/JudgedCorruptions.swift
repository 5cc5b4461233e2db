// What an evaluation on corrupted images has judged: kept beside the file of the results, by corruption and severity.

import Communication
import Evaluation
import Failures
import Fairness
import Foundation
import Training

/// The counts of one evaluation so far, the same on every rank.
final class JudgedCorruptions {
  private var counts: [String: ConfusionMatrix]
  private let communicator: any Communicator
  /// Rank 0's, where the results go to a regular file.
  private let keeper: EvaluationKeeper<[String: ConfusionMatrix]>?
  private let keeps: Bool

  /// Reads what an earlier start of the same command judged.
  ///
  /// - Parameter subject: all that the results follow from; asked on rank 0.
  /// - Throws: `Failure(.cannotCreate)` where another process is at work on these results.
  init(_ output: ResultOutput, _ run: Run, _ console: Console, subject: () throws -> String) throws {
    let communicator = run.communicator
    self.communicator = communicator
    let keeper =
      try communicator.onRoot {
        let subject = try subject()
        return try output.replaced.map {
          try EvaluationKeeper<[String: ConfusionMatrix]>(results: $0, subject: subject)
        }
      } ?? nil
    self.keeper = keeper
    keeps = try communicator.broadcast(keeper == nil ? 0 : 1) == 1
    counts = try communicator.fromRoot {
      guard let (record, note) = keeper?.read() else { return [:] }
      if let note { console.note(note) }
      let whole = (record ?? [:]).filter { $0.value.classCount == run.network.classCount && $0.value.total > 0 }
      if !whole.isEmpty { console.say("going on: \(whole.count) severities of corruptions are judged") }
      return whole
    }
  }

  /// What a severity of a corruption came to; nil where that is not known yet.
  subscript(name: String, severity: Int) -> ConfusionMatrix? { counts["\(name) \(severity)"] }

  /// Takes in what was judged.
  func add(_ matrix: ConfusionMatrix, of name: String, severity: Int) throws {
    counts["\(name) \(severity)"] = matrix
    if keeps { _ = try communicator.onRoot { try keeper?.keep(counts) {} } }
  }

  /// Keeps what was judged; what the command ends with.
  func stopped() throws -> Failure {
    guard keeps else {
      return Failure(
        .requeue,
        "stopped on a signal, and without --json FILE an evaluation keeps nothing: start the same command again")
    }
    _ = try communicator.onRoot { try keeper?.keep(counts, now: true) {} }
    return Failure(
      .requeue,
      "stopped on a signal: \(counts.count) severities of corruptions are kept; start the same command again to go on")
  }

  /// The results are there.
  func finish() { keeper?.finish() }
}
