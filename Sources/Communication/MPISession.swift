// The time during which a process is a rank of an MPI program: from MPI_Init_thread to MPI_Finalize.

import CMPI
import CPlatform
import Failures
import Platform

/// MPI, started. A process can do so once.
struct MPISession: ~Copyable {
  /// Good while the session lives.
  let communicator: MPICommunicator

  /// Starts MPI; the calling thread is the one that may use it.
  ///
  /// - Parameter speaks: whether the first rank is this process; where MPI ends several, the launcher mostly ends the others
  ///   before they speak too.
  /// - Throws: `Failure(.mpiMissing)` if it does not start.
  init(speaks: Bool) throws {
    var running: Int32 = 0
    MPI_Initialized(&running)
    guard running == 0 else { throw Failure(.internal, "MPI has been started before in this process") }
    var level: Int32 = 0
    platform_exit_guard(
      "MPI does not start on \(currentHostName()), see what it says; is there a limit of threads (ulimit -u), or are there "
        + "variables of an earlier launch (\(LauncherVariables.known.map(\.rank).joined(separator: ", ")))?",
      ExitCode.mpiMissing.rawValue, speaks ? 0 : 1)
    let status = MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &level)
    platform_exit_guard(nil, 0, 0)
    guard status == MPI_SUCCESS, level >= Int32(MPI_THREAD_FUNNELED) else {
      throw Failure(
        .mpiMissing,
        "MPI does not start on \(currentHostName()) (status \(status), thread level \(level)); "
          + "start with the mpirun that belongs to \(Self.library)")
    }
    communicator = try MPICommunicator()
  }

  deinit {
    communicator.close()
    MPI_Finalize()
  }

  /// The MPI this program was built for, such as `Open MPI v4.1.4`.
  static var library: String {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING))
    var length: Int32 = 0
    MPI_Get_library_version(&text, &length)
    let whole = String(decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(whole.prefix { $0 != "," && $0 != "\n" && $0 != "\0" })
  }
}
