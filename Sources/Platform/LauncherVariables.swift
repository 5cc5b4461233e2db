// The variables by which launchers tell a process its place among the ranks: the one list of them.

/// Where one kind of launcher says which rank of how many a process is.
package struct LauncherVariables: Sendable {
  /// Names the rank, from 0.
  package let rank: String
  /// Names the number of ranks, where the launcher tells it.
  package let size: String?

  /// Open MPI's mpirun, the Hydra of MPICH and Intel MPI (PMI), srun, and any launcher by PMIx. The first whose size is set
  /// counts: mpirun within a job of SLURM finds the variables of its own daemons, which srun started.
  package static let known = [openMPI, pmi, slurm, pmix]
  package static let openMPI = LauncherVariables(rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE")
  package static let pmi = LauncherVariables(rank: "PMI_RANK", size: "PMI_SIZE")
  package static let slurm = LauncherVariables(rank: "SLURM_PROCID", size: "SLURM_STEP_NUM_TASKS")
  package static let pmix = LauncherVariables(rank: "PMIX_RANK", size: nil)

  /// Where a launcher can be reached: only it sets them, and `PMIX_SERVER_URI` has a version behind it.
  package static let contacts = ["PMIX_SERVER_URI", "PMI_FD", "PMI_PORT"]
}
