// What a rank can check of a collective's contract by itself, before it meets the others.

import Failures

/// The sizes that every implementation checks at its door.
package enum Contract {
  package static func broadcast(root: Int, size: Int) throws {
    guard root >= 0 && root < size else {
      throw Failure(.internal, "a broadcast from rank \(root) in a group of \(size)")
    }
  }

  package static func allGather(_ own: Int, room: Int, counts: [Int], rank: Int, size: Int) throws {
    guard counts.count == size, counts.allSatisfy({ $0 >= 0 }), counts[rank] == own, counts.reduce(0, +) <= room else {
      throw Failure(
        .internal, "an all-gather on rank \(rank) of \(own) bytes into \(room) does not fit its counts \(counts)")
    }
  }

  package static func exchange(_ blocks: BlockList, length: Int, rank: Int, size: Int) throws {
    guard blocks.fits(ranks: size, length: length) else {
      throw Failure(.internal, "an exchange on rank \(rank) has blocks outside its buffer of \(length) numbers")
    }
  }
}
