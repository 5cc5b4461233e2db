// How the gradients of the ranks become one.

/// A way to sum gradients over ranks.
package enum ReductionChoice: String, CaseIterable, Equatable, Sendable {
  /// Along the fixed tree over the shards: the same bits on any number of ranks.
  case tree
  /// In an order of MPI's over the ranks: other bits on another number of ranks.
  case mpi
}
