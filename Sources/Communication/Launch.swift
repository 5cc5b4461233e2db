// How this process was started, from its environment alone: by a launcher of ranks or by itself, and as one of how many.
//
// A launcher of another MPI than the program was built for starts N programs of one rank each, silently: N independent
// trainings. So MPI's size is compared with what the launcher says. Under mpirun within a SLURM job the SLURM_ variables
// are those of mpirun's own daemons, so they count only where no launcher's own do; SLURM_NTASKS is the job's and says
// nothing about this process.

import Failures
import Foundation

/// What the environment says about the launch.
package struct Launch: Equatable, Sendable {
  /// Whether a launcher started this process, so that MPI must be.
  package let usesMPI: Bool
  /// The ranks the launcher started, where it says so.
  package let ranks: Int?
  /// The variable that says so.
  package let source: String
  /// This process's place among them, where the launcher says so; for messages while MPI cannot be asked.
  package let rank: Int?
  private let withoutPlugin: Bool

  /// What this process's environment says.
  package static var ofThisProcess: Launch { Launch(environment: ProcessInfo.processInfo.environment) }

  /// - Parameter environment: the process's.
  package init(environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    let tasks = number("SLURM_STEP_NUM_TASKS")
    if let size = number("OMPI_COMM_WORLD_SIZE") {
      (usesMPI, ranks, source) = (true, size, "OMPI_COMM_WORLD_SIZE")
      rank = number("OMPI_COMM_WORLD_RANK")
    } else if let size = number("PMI_SIZE") {
      (usesMPI, ranks, source) = (true, size, "PMI_SIZE")
      rank = number("PMI_RANK")
    } else if let tasks {
      (usesMPI, ranks, source) = (tasks > 1 || environment["PMIX_RANK"] != nil, tasks, "SLURM_STEP_NUM_TASKS")
      rank = number("SLURM_PROCID")
    } else {
      (usesMPI, ranks, source) = (environment["PMIX_RANK"] != nil, nil, "PMIX_RANK")
      rank = number("PMIX_RANK")
    }
    withoutPlugin =
      source == "SLURM_STEP_NUM_TASKS" && (tasks ?? 1) > 1 && environment["SLURM_MPI_TYPE"] == "none"
      && environment["PMIX_RANK"] == nil && environment["PMI_RANK"] == nil
  }

  /// Refuses a launch of which it is known, before MPI starts, that it gives ranks that do not know each other.
  package func checkBeforeStart() throws {
    guard withoutPlugin, let ranks else { return }
    throw Failure(
      .configuration,
      "srun started \(ranks) programs that do not know each other (SLURM_MPI_TYPE=none); use srun --mpi=pmix or mpirun")
  }

  /// Refuses N programs of one rank where one program of N ranks was meant.
  ///
  /// - Parameters:
  ///   - size: the ranks that MPI counts; 1 without MPI.
  ///   - expectedRanks: what the user says there must be; overrides what the launcher says.
  ///   - library: the MPI the program was built for.
  package func check(size: Int, expectedRanks: Int?, library: String) throws {
    if let expectedRanks {
      guard size != expectedRanks else { return }
      throw Failure(
        .configuration,
        "\(size) rank\(size == 1 ? "" : "s") instead of the \(expectedRanks) of --expect-ranks; "
          + "start with mpirun -np \(expectedRanks) of \(library)")
    }
    guard usesMPI, let ranks, ranks != size else { return }
    throw Failure(
      .configuration,
      "the launcher started \(ranks) ranks (\(source)), but MPI counts \(size) here; start with the "
        + "mpirun of \(library) or srun --mpi=pmix, or say --expect-ranks \(size) if that is meant")
  }
}
