// Memory that the ranks of one host share, from MPI: it is gone with the last of them, however they end.

import CMPI
import Failures

/// A window of shared memory, zeroed.
final class NodeWindow {
  /// The same memory on every rank of this host; aligned to 8.
  let memory: UnsafeMutableRawPointer
  private var window = cmpi_win_null()

  /// A call of all ranks of the job.
  ///
  /// - Throws: `Failure(.internal)` where MPI gives none.
  init(bytes: Int) throws {
    var node = cmpi_comm_null()
    var place: (rank: Int32, size: Int32) = (0, 0)
    var base: UnsafeMutableRawPointer?
    var length = MPI_Aint()
    var unit: Int32 = 0
    do {
      try MPICommunicator.check(
        MPI_Comm_split_type(cmpi_comm_world(), Int32(MPI_COMM_TYPE_SHARED), 0, cmpi_info_null(), &node),
        "MPI_Comm_split_type")
      defer { MPI_Comm_free(&node) }
      try MPICommunicator.check(cmpi_place(node, &place.rank, &place.size), "MPI_Comm_rank")
      // The first rank of the host brings all of it.
      try MPICommunicator.check(
        MPI_Win_allocate_shared(
          MPI_Aint(place.rank == 0 ? bytes : 0), 8, cmpi_info_null(), node, &base, &window), "MPI_Win_allocate_shared")
      try MPICommunicator.check(MPI_Win_shared_query(window, 0, &length, &unit, &base), "MPI_Win_shared_query")
      if place.rank == 0, let base { base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes) }
      try MPICommunicator.check(MPI_Barrier(node), "MPI_Barrier")
    } catch let failure as Failure {
      throw Failure(failure.code, "\(failure.message); engine.stall-timeout=none does without memory shared by ranks")
    }
    guard let base, Int(length) >= bytes else {
      throw Failure(.internal, "MPI gives no memory that the ranks of a host share; set engine.stall-timeout=none")
    }
    memory = base
  }

  /// Gives the memory back, before MPI ends; a call of all ranks.
  func close() { MPI_Win_free(&window) }
}
