// Finds checkpoints: the newest that is whole, or the one a user means by a path.

import Failures
import Foundation
import Platform

extension CheckpointStore {
  /// What a search has found.
  package struct Found: Equatable, Sendable {
    /// The newest whole checkpoint; nil where there is none.
    package var checkpoint: Checkpoint?
    /// One line for each newer one that was refused, and why. Where `checkpoint` is nil and this is not empty,
    /// there were checkpoints, all of them damaged or unreadable.
    package var notes: [String] = []
  }

  /// All that have the name of a checkpoint, by step, the oldest first; nothing is verified.
  /// - Throws: `Failure(.inputOutput)` where the directory is there but cannot be listed.
  package func list() throws(Failure) -> [Checkpoint] {
    guard FileSystem.status(of: directory) != nil else { return [] }
    var found: [Checkpoint] = []
    for name in try FileSystem.names(in: directory) {
      if let step = Self.step(of: name), FileSystem.isDirectory(path(name)) {
        found.append(Checkpoint(step: step, directory: path(name)))
      }
    }
    return found.sorted { $0.step < $1.step }
  }

  /// The newest checkpoint whose files all have their digests, going back from the newest.
  /// - Throws: `Failure(.inputOutput)` where the directory is there but cannot be listed.
  package func newestWhole() throws(Failure) -> Found {
    var found = Found()
    for candidate in try list().reversed() {
      do {
        let checkpoint = try Checkpoint.verify(candidate.directory)
        guard checkpoint.step == candidate.step else {
          found.notes.append("checkpoint \(candidate.directory) is refused: its file DONE says step \(checkpoint.step)")
          continue
        }
        found.checkpoint = checkpoint
        return found
      } catch {
        found.notes.append(error.message)
      }
    }
    return found
  }

  /// The checkpoint that a user means: `path` is the directory of a checkpoint, a directory `checkpoints`, or a run
  /// directory; of the last two the newest whole one is taken. It is verified.
  /// - Throws: `Failure(.badData)` where nothing whole is there, naming the first reason.
  package static func locate(_ path: String) throws(Failure) -> Found {
    guard FileSystem.status(of: path) != nil else { throw FileSystem.failure("open", path, code: .badData) }
    guard FileSystem.isDirectory(path) else {
      throw Failure(.badData, "\(path) is a file: give the directory of a checkpoint or of a run")
    }
    let done = Path.join(path, CompletionRecord.fileName)
    if FileSystem.status(of: done) != nil || step(of: Path.name(of: path)) != nil {
      return Found(checkpoint: try Checkpoint.verify(path))
    }
    let inside = Path.join(path, RunDirectory.checkpointsName)
    let store = CheckpointStore(directory: FileSystem.isDirectory(inside) ? inside : path)
    let found = try store.newestWhole()
    if found.checkpoint == nil {
      let reason = found.notes.first.map { ": \($0)" } ?? ": there is no step-N in it"
      throw Failure(.badData, "\(path) has no whole checkpoint\(reason)")
    }
    return found
  }
}
