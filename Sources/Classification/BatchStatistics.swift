// Which statistics a pass normalises with: part of a method, so a recipe names it.

/// The statistics BatchNorm normalises with, and whether a pass moves the running ones.
package enum BatchStatistics: String, CaseIterable, Sendable {
  /// Those of the global batch, which also move the running ones: what the references do in training and attack.
  case batchUpdatingRunning = "batch-updating-running"
  /// Those of the global batch.
  case batch
  /// The running ones; the examples are then independent of each other.
  case running
}
