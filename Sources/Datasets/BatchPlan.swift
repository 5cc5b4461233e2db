// How an epoch falls into batches: consecutive runs, the last one smaller; nothing is padded, dropped or counted twice.

/// The batches of one pass over `count` examples.
package struct BatchPlan: Sendable, Equatable {
  package let count: Int
  /// Examples per batch, all ranks together.
  package let batchSize: Int

  package init(count: Int, batchSize: Int) {
    precondition(count >= 0 && batchSize > 0)
    self.count = count
    self.batchSize = batchSize
  }

  /// Batches per pass.
  package var steps: Int { (count + batchSize - 1) / batchSize }

  /// The places of the pass, 0 ..< count, that a step visits.
  package func positions(ofStep step: Int) -> Range<Int> {
    precondition(step >= 0 && step < steps)
    return step * batchSize..<min(count, (step + 1) * batchSize)
  }
}
