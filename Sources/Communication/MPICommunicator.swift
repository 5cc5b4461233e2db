// The collectives by MPI. Counts are 32-bit in MPI 3: larger ones go in pieces or are refused.

import CMPI
import Failures
import Glibc

/// A rank of an MPI program; alive while its `MPISession` is.
final class MPICommunicator: Communicator, @unchecked Sendable {
  let rank: Int
  let size: Int
  let nodeRank: Int
  let nodeSize: Int
  let hostName = currentHostName()

  // What a handle is depends on the MPI: a pointer in Open MPI, a number in MPICH. The compiler infers it.
  private var group = cmpi_comm_null()
  /// Errors are told on a communicator of their own, which no collective of the run can be mixed up with.
  private var farewells = cmpi_comm_null()
  /// Of the boards that were made.
  private var windows: [NodeWindow] = []
  /// Owned: counts and displacements of what is sent, then of what is received, `size` each.
  private let scratch: UnsafeMutablePointer<Int32>

  /// More elements than this in one call go in pieces.
  private static let piece = 1 << 28

  /// - Precondition: MPI runs.
  init() throws {
    let world = cmpi_comm_world()
    _ = cmpi_errors_return(world)
    try Self.check(MPI_Comm_dup(world, &group), "MPI_Comm_dup")
    try Self.check(MPI_Comm_dup(world, &farewells), "MPI_Comm_dup")
    try Self.check(cmpi_errors_return(group), "MPI_Comm_set_errhandler")
    try Self.check(cmpi_errors_return(farewells), "MPI_Comm_set_errhandler")
    var place: (rank: Int32, size: Int32) = (0, 0)
    try Self.check(cmpi_place(group, &place.rank, &place.size), "MPI_Comm_rank")
    (rank, size) = (Int(place.rank), Int(place.size))
    var node = cmpi_comm_null()
    try Self.check(
      MPI_Comm_split_type(group, Int32(MPI_COMM_TYPE_SHARED), Int32(rank), cmpi_info_null(), &node),
      "MPI_Comm_split_type")
    try Self.check(cmpi_place(node, &place.rank, &place.size), "MPI_Comm_rank")
    (nodeRank, nodeSize) = (Int(place.rank), Int(place.size))
    try Self.check(MPI_Comm_free(&node), "MPI_Comm_free")
    scratch = .allocate(capacity: 4 * size)
  }

  deinit { scratch.deallocate() }

  /// Gives the handles back, before MPI ends.
  func close() {
    for window in windows { window.close() }
    MPI_Comm_free(&group)
    MPI_Comm_free(&farewells)
  }

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Int64>) throws { try reduce(values, cmpi_sum()) }
  func allReduceMaximum(_ values: UnsafeMutableBufferPointer<Int64>) throws { try reduce(values, cmpi_max()) }
  func allReduceMinimum(_ values: UnsafeMutableBufferPointer<Int64>) throws { try reduce(values, cmpi_min()) }

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) throws {
    for first in stride(from: 0, to: values.count, by: Self.piece) {
      try Self.check(
        MPI_Allreduce(
          cmpi_in_place(), values.baseAddress! + first, Int32(min(Self.piece, values.count - first)), cmpi_float(),
          cmpi_sum(), group), "MPI_Allreduce")
    }
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
    try Contract.broadcast(root: root, size: size)
    for first in stride(from: 0, to: bytes.count, by: Self.piece) {
      let count = min(Self.piece, bytes.count - first)
      try Self.check(
        MPI_Bcast(bytes.baseAddress! + first, Int32(count), cmpi_byte(), Int32(root), group), "MPI_Bcast")
    }
  }

  func allGather(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws {
    try Contract.allGather(bytes.count, room: gathered.count, counts: counts, rank: rank, size: size)
    let total = counts.reduce(0, +)
    guard total > 0 else { return }
    guard total <= Int32.max else { return try allGatherByBroadcasts(bytes, into: gathered, counts: counts) }
    let countsOfRanks = scratch
    let displacements = scratch + size
    var first = 0
    for peer in 0..<size {
      countsOfRanks[peer] = Int32(counts[peer])
      displacements[peer] = Int32(first)
      first += counts[peer]
    }
    let place = UnsafeRawPointer(gathered.baseAddress! + Int(displacements[rank]))
    try Self.check(
      MPI_Allgatherv(
        bytes.baseAddress == place ? cmpi_in_place() : bytes.baseAddress, Int32(bytes.count), cmpi_byte(),
        gathered.baseAddress, countsOfRanks, displacements, cmpi_byte(), group), "MPI_Allgatherv")
  }

  func exchange(
    _ values: UnsafeBufferPointer<Float>, _ blocks: BlockList,
    into received: UnsafeMutableBufferPointer<Float>, _ receivedBlocks: BlockList
  ) throws {
    try Contract.exchange(blocks, length: values.count, rank: rank, size: size)
    try Contract.exchange(receivedBlocks, length: received.count, rank: rank, size: size)
    for peer in 0..<size {
      scratch[peer] = try narrow(blocks.counts[peer])
      scratch[size + peer] = try narrow(blocks.displacements[peer])
      scratch[2 * size + peer] = try narrow(receivedBlocks.counts[peer])
      scratch[3 * size + peer] = try narrow(receivedBlocks.displacements[peer])
    }
    try Self.check(
      MPI_Alltoallv(
        values.baseAddress, scratch, scratch + size, cmpi_float(),
        received.baseAddress, scratch + 2 * size, scratch + 3 * size, cmpi_float(), group), "MPI_Alltoallv")
  }

  func barrier() throws { try Self.check(MPI_Barrier(group), "MPI_Barrier") }

  func makeNodeBoard() throws -> NodeBoard {
    let window = try NodeWindow(bytes: NodeBoard.bytes(nodeSize))
    windows.append(window)
    let board = NodeBoard(memory: window.memory, owner: nil, count: nodeSize, place: nodeRank, rank: rank)
    try barrier()
    return board
  }

  func abort(_ code: ExitCode) -> Never {
    fflush(nil)
    MPI_Abort(cmpi_comm_world(), code.rawValue)
    _exit(code.rawValue)
  }

  /// Waits for all ranks at the end of the run, and learns who failed.
  ///
  /// - Parameters:
  ///   - failed: whether this rank comes with an error.
  ///   - grace: how long to wait, in seconds; without it, for ever.
  /// - Returns: the lowest rank that failed, `size` if none has, `nil` if not all came in time.
  func farewell(failed: Bool, grace: Double?) -> Int? {
    // Owned; MPI uses it until the request is done. It is kept if the ranks do not come: then the program ends.
    let lowest = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    lowest.initialize(to: Int64(failed ? rank : size))
    var request = cmpi_request_null()
    guard
      MPI_Iallreduce(cmpi_in_place(), lowest, 1, cmpi_int64(), cmpi_min(), farewells, &request) == MPI_SUCCESS
    else { return nil }
    let start = ContinuousClock.now
    var done: Int32 = 0
    while true {
      guard MPI_Test(&request, &done, cmpi_status_ignore()) == MPI_SUCCESS else { return nil }
      if done != 0 { break }
      if let grace, ContinuousClock.now - start > .seconds(grace) { return nil }
      usleep(1000)
    }
    defer { lowest.deallocate() }
    return Int(lowest.pointee)
  }

  /// For more bytes than MPI counts: each rank's in turn.
  private func allGatherByBroadcasts(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws {
    let blocks = BlockList(counts: counts)
    UnsafeMutableRawBufferPointer(rebasing: gathered[blocks[rank]]).copyMemory(from: bytes)
    for root in 0..<size {
      try broadcast(UnsafeMutableRawBufferPointer(rebasing: gathered[blocks[root]]), from: root)
    }
  }

  private func reduce(_ values: UnsafeMutableBufferPointer<Int64>, _ operation: MPI_Op) throws {
    for first in stride(from: 0, to: values.count, by: Self.piece) {
      let count = min(Self.piece, values.count - first)
      try Self.check(
        MPI_Allreduce(
          cmpi_in_place(), values.baseAddress! + first, Int32(count), cmpi_int64(), operation, group), "MPI_Allreduce")
    }
  }

  private func narrow(_ count: Int) throws -> Int32 {
    guard let narrow = Int32(exactly: count) else {
      throw Failure(.internal, "an exchange of \(count) numbers in one call is more than MPI counts; use smaller ones")
    }
    return narrow
  }

  static func check(_ status: Int32, _ call: String) throws {
    guard status != MPI_SUCCESS else { return }
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING))
    var length: Int32 = 0
    MPI_Error_string(status, &text, &length)
    let message = String(decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw Failure(
      .internal, "\(call) failed on \(currentHostName()): \(message); look for a dead rank or a broken network")
  }
}
