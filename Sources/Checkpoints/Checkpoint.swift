// A finished checkpoint on disk, and the proof that it is whole.

import Failures
import Foundation
import Platform

/// The directory of a checkpoint and the step it was taken after.
package struct Checkpoint: Codable, Equatable, Sendable {
  /// The number of optimizer steps done.
  package let step: Int
  /// Its directory.
  package let directory: String

  /// The path of one of its files.
  package func path(of file: String) -> String { Path.join(directory, file) }

  /// Reads `DONE` in a directory and compares every file with its digest.
  /// - Throws: `Failure(.badData)` with the directory and what is wrong, `Failure(.inputOutput)` where it cannot be read.
  package static func verify(_ directory: String) throws(Failure) -> Checkpoint {
    func damaged(_ what: String) -> Failure { Failure(.badData, "checkpoint \(directory) is damaged: \(what)") }
    let done = Path.join(directory, CompletionRecord.fileName)
    guard FileSystem.status(of: done) != nil else { throw damaged("it has no file DONE") }
    guard let text = String(validating: try FileReader(done).bytes(), as: UTF8.self),
      let record = CompletionRecord(text: text)
    else { throw damaged("its file DONE is not what was written") }
    for (name, digest) in record.digests {
      let path = Path.join(directory, name)
      guard FileSystem.status(of: path) != nil else { throw damaged("\(name) is missing") }
      if try FileReader(path).digest() != digest { throw damaged("\(name) does not have the SHA-256 that DONE says") }
    }
    return Checkpoint(step: record.step, directory: directory)
  }
}
