// Which batch-norm statistics the training attack sees (the references differ by method).

/// The batch-norm statistics in force while the training attack runs.
package enum BatchStatistics: String, CaseIterable, Sendable {
  /// Those of the batch; every pass also moves the running ones, as the references of AT and FAIR-TAT do.
  case batchUpdatingRunning = "batch-updating-running"
  /// Those of the batch; the running ones stay.
  case batch
  /// The running ones, as the references of TRADES do.
  case running
}
