// What the ranks of a group of threads share: a barrier and, for each rank, what it has brought to the collective.

import Communication

/// The common ground of a `LocalGroup`.
final class LocalMeeting: @unchecked Sendable {
  /// What a rank brings to a collective. Its pointers are good between the two meetings of the call.
  struct Offer {
    /// The collective, with the sizes that must be equal on all ranks.
    var contract = ""
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    var blocks = BlockList(ranks: 0)
  }

  let size: Int
  let rendezvous: Rendezvous
  /// Owned. A rank writes its own place before the first meeting and reads the others' between the two.
  let offers: UnsafeMutableBufferPointer<Offer>

  /// Owned. What the ranks say of themselves, zeroed.
  let board: UnsafeMutableRawPointer

  init(size: Int) {
    self.size = size
    board = .allocate(byteCount: NodeBoard.bytes(size), alignment: 64)
    board.initializeMemory(as: UInt8.self, repeating: 0, count: NodeBoard.bytes(size))
    rendezvous = Rendezvous(size: size)
    offers = .allocate(capacity: size)
    offers.initialize(repeating: Offer())
  }

  deinit {
    offers.deinitialize()
    offers.deallocate()
    board.deallocate()
  }
}
