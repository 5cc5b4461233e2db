// What the MPI of this process says about itself, for `doctor` and messages.

import CMPI

/// Facts about the MPI library that was loaded.
package enum MPILibrary {
  /// Its name and version, such as `Open MPI v4.1.4`; may be asked before MPI starts.
  package static var name: String { MPISession.library }

  /// How many threads of a process may call MPI, as the library granted it; nil while MPI does not run.
  package static var threadLevel: String? {
    var (running, ended, level): (Int32, Int32, Int32) = (0, 0, 0)
    MPI_Initialized(&running)
    MPI_Finalized(&ended)
    guard running != 0, ended == 0, MPI_Query_thread(&level) == MPI_SUCCESS else { return nil }
    let names = [
      (MPI_THREAD_SINGLE, "single"), (MPI_THREAD_FUNNELED, "funneled"), (MPI_THREAD_SERIALIZED, "serialized"),
      (MPI_THREAD_MULTIPLE, "multiple"),
    ]
    return names.first { Int32($0.0) == level }?.1 ?? "level \(level)"
  }
}
