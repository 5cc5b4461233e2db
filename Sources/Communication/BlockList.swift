// Where the block for each rank lies in one buffer, as MPI's v-collectives describe it.

/// One block for each rank within a buffer, in elements.
package struct BlockList: Equatable, Sendable {
  /// Elements of the block for, or from, each rank.
  package var counts: [Int]
  /// Where each block begins.
  package var displacements: [Int]

  /// Empty blocks.
  package init(ranks: Int) {
    counts = [Int](repeating: 0, count: ranks)
    displacements = counts
  }

  /// Blocks one after the other.
  package init(counts: [Int]) {
    self.init(ranks: counts.count)
    self.counts = counts
    for rank in counts.indices.dropFirst() { displacements[rank] = displacements[rank - 1] + counts[rank - 1] }
  }

  /// The elements of a rank's block.
  package subscript(rank: Int) -> Range<Int> {
    displacements[rank]..<displacements[rank] + counts[rank]
  }

  /// Whether there is a block for every rank and each lies within a buffer of `length` elements.
  func fits(ranks: Int, length: Int) -> Bool {
    counts.count == ranks && displacements.count == ranks
      && counts.indices.allSatisfy {
        counts[$0] == 0 || counts[$0] > 0 && displacements[$0] >= 0 && displacements[$0] + counts[$0] <= length
      }
  }
}
