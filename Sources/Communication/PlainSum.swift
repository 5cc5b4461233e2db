// MPI's own sum of Floats, which nothing that a result depends on may use: its order is MPI's. What ours is held against.

extension Communicator {
  /// Replaces each value by its sum over ranks, added in any order.
  ///
  /// - Returns: false, and nothing is changed, where the ranks do not talk by MPI.
  package func plainSum(_ values: UnsafeMutableBufferPointer<Float>) throws -> Bool {
    guard let ranks = self as? MPICommunicator else { return false }
    try ranks.allReduceSum(values)
    return true
  }
}
