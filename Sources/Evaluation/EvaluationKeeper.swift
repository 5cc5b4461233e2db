// What an evaluation keeps while it goes on, so that the same command goes on where it was stopped or killed:
//
//   FILE.partial   what has been judged so far; removed once the results are there
//   FILE.lock      who is at work on it
//
// beside the file of the results. All of it is rank 0's.

import Checkpoints
import Foundation

/// The life of one evaluation on the disk; `Record` is what it has judged.
package final class EvaluationKeeper<Record: Codable> {
  private let path: String
  private let lock: RunLock
  /// What is judged by what: results of anything else are not gone on from.
  private let subject: String
  private var last = ContinuousClock.now
  private static var interval: Duration { .seconds(1) }

  private struct Content: Codable {
    let subject: String
    let record: Record
  }

  /// Takes the lock.
  ///
  /// - Parameter results: the file of the results.
  /// - Throws: `Failure(.cannotCreate)` where another evaluation is at work on it.
  package init(results: String, subject: String) throws {
    path = results + ".partial"
    self.subject = subject
    lock = try RunLock.acquire(results + ".lock", place: (results, "--json"))
    _ = lock.keepBeating(every: 5)
  }

  /// What was judged before, and a line for the user.
  package func read() -> (record: Record?, note: String?) {
    guard let data = FileManager.default.contents(atPath: path) else { return (nil, lock.note) }
    guard let content = try? JSONDecoder().decode(Content.self, from: data) else {
      return (nil, "\(path) is damaged: the evaluation begins anew")
    }
    guard content.subject == subject else {
      return (nil, "\(path) is of another evaluation (other weights, images or attack): this one begins anew")
    }
    return (content.record, lock.note)
  }

  /// Keeps what was judged, once in a while or, where asked to, at once.
  ///
  /// - Parameter before: makes durable what the record counts on.
  package func keep(_ record: Record, now: Bool = false, before: () throws -> Void) throws {
    guard now || ContinuousClock.now - last >= Self.interval else { return }
    try lock.check()
    try before()
    try AtomicFile.write(JSONEncoder().encode(Content(subject: subject, record: record)), to: path)
    last = .now
  }

  /// The results are there.
  package func finish() {
    unlink(path)
    lock.release()
  }
}
