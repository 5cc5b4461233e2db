// What tests need to start built programs, alone or on ranks of MPI.

import Foundation

/// Where programs are, and the environment they are started in.
package enum Launcher {
  /// nil where it is not installed.
  package static let mpirun = ["/usr/bin/mpirun", "/usr/local/bin/mpirun"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// A program of this package, which lies beside the test's own.
  package static func program(_ name: String) -> String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent(name).path
  }

  /// Lets ranks be started as root, and on fewer cores than there are ranks.
  package static let permissions = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
  ]

  /// The test's own environment, without what a launcher of the test left there.
  package static var environment: [String: String] {
    ProcessInfo.processInfo.environment.filter { name, _ in
      !["OMPI_COMM", "PMI", "SLURM_STEP"].contains { name.hasPrefix($0) }
    }.merging(permissions) { $1 }
  }
}
