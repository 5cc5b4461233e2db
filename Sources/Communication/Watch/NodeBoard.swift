// The records of the ranks of one host, in memory that they share.

/// A record for each rank of this host; each rank writes its own place, all read all.
package final class NodeBoard: @unchecked Sendable {
  /// Whose memory it is, where it is not this object's.
  private let owner: AnyObject?
  private let records: UnsafeMutablePointer<RankRecord>
  /// Ranks of this host.
  let count: Int
  /// This rank's place.
  let place: Int

  /// The bytes of a board; aligned to 8.
  package static func bytes(_ count: Int) -> Int { count * MemoryLayout<RankRecord>.stride }

  /// A view of memory that others share.
  ///
  /// - Parameters:
  ///   - memory: `bytes(count)` of it, good while `owner` lives, or while the communicator does that made it.
  ///   - rank: this rank, whose place is made ready; the others make theirs.
  package init(memory: UnsafeMutableRawPointer, owner: AnyObject?, count: Int, place: Int, rank: Int) {
    self.owner = owner
    self.count = count
    self.place = place
    records = memory.bindMemory(to: RankRecord.self, capacity: count)
    (records + place).initialize(to: RankRecord(rank: rank))
  }

  /// A board of one, for a rank that nobody watches.
  package convenience init(rank: Int = 0) {
    let memory = OwnMemory(bytes: Self.bytes(1))
    self.init(memory: memory.base, owner: memory, count: 1, place: 0, rank: rank)
  }

  /// This rank's record.
  var own: UnsafeMutablePointer<RankRecord> { records + place }
  /// The first place, where the host's ranks agree on who speaks.
  var first: UnsafeMutablePointer<RankRecord> { records }

  /// All records as they are now.
  func readings() -> [RankReading] { (0..<count).map { records[$0].reading } }

  /// Memory of this process, zeroed.
  private final class OwnMemory {
    let base: UnsafeMutableRawPointer
    init(bytes: Int) {
      base = .allocate(byteCount: bytes, alignment: 64)
      base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }
    deinit { base.deallocate() }
  }
}
