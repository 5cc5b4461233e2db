// What a session is told by the world around it; tests bring a world of their own.

/// Where requests to stop come from, and how checkpoints get to the disk.
package struct Surroundings {
  /// Whether this rank received a signal.
  package var signalled: () -> Bool = { false }
  /// Rank 0's.
  package var limit: TimeLimit?
  /// What the user should know of it.
  package var notes: [String] = []
  package var write: CheckpointWriting = { try $0.write(step: $1, files: $2) }

  package init() {}
}
