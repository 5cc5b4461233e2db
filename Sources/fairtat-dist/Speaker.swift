// Which process of a launch talks to the user, before and without MPI.

import Foundation

/// The one process that prints what all of them know.
enum Speaker {
  /// The rank that the launcher gave this process (Open MPI, PMIx, PMI, srun), or 0 for a process on its own.
  static let launchedRank: Int = {
    let environment = ProcessInfo.processInfo.environment
    for name in ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"] {
      if let rank = environment[name].flatMap({ Int($0) }) { return rank }
    }
    return 0
  }()

  /// Whether this is that process.
  static var isThisProcess: Bool { launchedRank == 0 }
}
