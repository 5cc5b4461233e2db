// The group a run takes place in: MPI under a launcher, else this process alone; and its orderly end.

import Failures
import Foundation
import Platform

/// The ranks of this run, whoever started them.
package enum World {
  /// Runs `body` in the group that the environment names, on the calling thread, which must be the main one.
  ///
  /// An error on one rank ends them all. If all ranks come to their end, with or without an error, within `grace`, each
  /// returns or throws and the process can end with its code; if some do not, because they wait for the rank that
  /// failed, that rank aborts all. `report` is called on one rank, the lowest that failed (on an abort it can be more),
  /// while MPI still runs: a launcher kills the other ranks as soon as one has ended with an error.
  ///
  /// - Parameters:
  ///   - expectedRanks: what the user says there must be.
  ///   - checksRanks: whether another number of ranks than the launcher or the user says is an error; without, `body`
  ///     judges by itself.
  ///   - environment: the process's, unless a test says otherwise.
  ///   - grace: seconds a rank that failed waits for the others.
  ///   - report: tells the user of an error: one that `body` threw; `Failure(.configuration)` for a launch of single
  ///     ranks by mistake; `Failure(.mpiMissing)`.
  /// - Throws: `Reported` with the error's code on every rank that failed, nothing else.
  package static func run<Result>(
    expectedRanks: Int? = nil, checksRanks: Bool = true,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    grace: Double = 5, report: (any Error) -> Void, _ body: (any Communicator) throws -> Result
  ) throws(Reported) -> Result {
    let launch = Launch(environment: environment, ancestors: Ancestors.names(2))
    func reported(_ error: any Error, if speaks: Bool) -> Reported {
      if speaks { report(error) }
      return Reported(error)
    }
    guard launch.usesMPI else {
      do {
        let solo = SoloCommunicator()
        if checksRanks {
          try launch.check(size: solo.size, expectedRanks: expectedRanks, library: MPISession.library)
        }
        return try body(solo)
      } catch {
        throw reported(error, if: true)
      }
    }
    // Ranks that do not know each other: only the launcher can say which is the first.
    let seemsFirst = launch.speaks
    let session: MPISession
    do {
      try launch.checkBeforeStart()
      session = try MPISession(speaks: seemsFirst)
    } catch {
      throw reported(error, if: seemsFirst)
    }
    let communicator = session.communicator
    do {
      if checksRanks {
        try launch.check(size: communicator.size, expectedRanks: expectedRanks, library: MPISession.library)
      }
    } catch {
      throw reported(error, if: communicator.size > 1 ? communicator.rank == 0 : seemsFirst)
    }
    do {
      let result = try body(communicator)
      _ = communicator.farewell(failed: false, grace: nil)
      return result
    } catch {
      // Rank 0 aborts first if it is among those that failed, so that one rank speaks.
      let patience = grace + (communicator.rank == 0 ? 0 : 1)
      guard let first = communicator.farewell(failed: true, grace: patience) else {
        report(error)
        communicator.abort(Reported(error).code)
      }
      throw reported(error, if: first == communicator.rank)
    }
  }
}
