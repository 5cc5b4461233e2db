// The directory of a run and the names of what is in it.

import Failures
import Foundation
import Platform

/// Paths in a run directory.
package struct RunDirectory: Equatable, Sendable {
  /// Where it is.
  package let path: String

  static let checkpointsName = "checkpoints"

  /// A directory that may or may not exist.
  package init(_ path: String) { self.path = path }

  /// The recipe with every default filled in.
  package var recipe: String { file("recipe.resolved.yaml") }
  /// Where and with what it ran.
  package var environment: String { file("environment.json") }
  /// One JSON object a line.
  package var metrics: String { file("metrics.jsonl") }
  /// Figures class by class.
  package var classes: String { file("classes.csv") }
  /// The checkpoints.
  package var checkpoints: String { file(Self.checkpointsName) }
  /// The page about the run.
  package var report: String { file("report.html") }
  /// What was said on the terminal.
  package var log: String { file("log.txt") }
  /// Held by the job that writes here.
  package var lock: String { file("lock") }
  /// When it was started and stopped.
  package var lives: String { file("lives.jsonl") }
  /// The checkpoints as a store.
  package var store: CheckpointStore { CheckpointStore(directory: checkpoints) }

  /// The path of another file in it.
  package func file(_ name: String) -> String { Path.join(path, name) }

  /// Makes the directory and `checkpoints` in it where they are missing, and makes sure that one can write there.
  /// - Throws: `Failure(.cannotCreate)` with the path and the reason.
  package func create() throws(Failure) {
    do throws(Failure) {
      try FileSystem.makeDirectories(path)
      try FileSystem.makeDirectories(checkpoints)
    } catch {
      throw Failure(.cannotCreate, "\(error.message); choose another place with --run")
    }
    for directory in [path, checkpoints] where access(directory, W_OK | X_OK) != 0 {
      let reason = FileSystem.reason()
      throw Failure(.cannotCreate, "cannot write in \(directory): \(reason); choose another place with --run")
    }
  }
}
