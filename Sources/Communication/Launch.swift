// How this process was started, from its environment alone: by a launcher of ranks or by itself, and as one of how many.
//
// A launcher of another MPI than the program was built for starts N programs of one rank each, silently: N independent
// trainings. So MPI's size is compared with what the launcher says. Under mpirun within a SLURM job the SLURM_ variables
// are those of mpirun's own daemons, so they count only where no launcher's own do; SLURM_NTASKS is the job's and says
// nothing about this process.

import Failures
import Foundation
import Platform

/// What the environment says about the launch.
package struct Launch: Equatable, Sendable {
  /// Whether a launcher's variables say that there are ranks, so that MPI must be.
  package let usesMPI: Bool
  /// The ranks the launcher started, where it says so.
  package let ranks: Int?
  /// The variable that says so.
  package let source: String
  /// This process's place among them, where the launcher says so; for messages while MPI cannot be asked.
  package let rank: Int?
  /// Whether a launcher is seen to have started this process. Variables alone prove nothing: a shell may have kept them from
  /// a job that is long over.
  package let hasLauncher: Bool
  /// Whether the variables also say where their launcher can be reached.
  private let hasContact: Bool
  private let withoutPlugin: Bool

  /// What this process finds.
  package static var ofThisProcess: Launch {
    // A launcher starts the program itself, or a script that does.
    Launch(environment: ProcessInfo.processInfo.environment, ancestors: Ancestors.names(2))
  }

  /// - Parameters:
  ///   - environment: the process's.
  ///   - ancestors: the names of the processes that started it.
  package init(environment: [String: String], ancestors: [String] = []) {
    func number(_ name: String?) -> Int? { name.flatMap { environment[$0] }.flatMap { Int($0) } }
    let hasPMIx = environment[LauncherVariables.pmix.rank] != nil
    if let known = LauncherVariables.known.first(where: { number($0.size) != nil }), let size = known.size {
      ranks = number(size)
      // A shell that srun started has them too, with one task.
      usesMPI = size != LauncherVariables.slurm.size || ranks ?? 1 > 1 || hasPMIx
      source = size
      rank = number(known.rank)
    } else {
      (usesMPI, ranks, source) = (hasPMIx, nil, LauncherVariables.pmix.rank)
      rank = number(LauncherVariables.pmix.rank)
    }
    hasLauncher = ancestors.contains { name in Self.launchers.contains { name.hasPrefix($0) } }
    hasContact = environment.keys.contains { name in LauncherVariables.contacts.contains { name.hasPrefix($0) } }
    withoutPlugin =
      source == LauncherVariables.slurm.size && ranks ?? 1 > 1 && environment["SLURM_MPI_TYPE"] == "none" && !hasPMIx
      && environment[LauncherVariables.pmi.rank] == nil
  }

  /// How the names of processes begin that start ranks on a host: mpirun and mpiexec of all kinds, the daemons of Open MPI,
  /// of PRRTE, Hydra's proxy, that of SLURM's steps.
  private static let launchers = ["mpirun", "mpiexec", "orterun", "orted", "prte", "hydra_pmi_proxy", "slurmstepd"]

  /// Whether this process is to tell what all of the launch know: the first rank; and every process where it is not sure that
  /// a launcher has started others, because a line too many is better than none.
  package var speaks: Bool { !hasLauncher || rank ?? 0 == 0 }

  /// Whether the program's name alone means `train`.
  package var isForTraining: Bool { usesMPI && (hasLauncher || hasContact) }

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
