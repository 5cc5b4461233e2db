// One line from one rank: what is left of an error once the user has been told.

import Failures

/// Thrown by `World.run` on every rank that failed: the process has nothing more to say and ends with this code.
package struct Reported: Error, Equatable, Sendable {
  /// What the process ends with.
  package let code: ExitCode

  /// - Parameter error: what was reported; `.internal` if it is no `Failure`.
  init(_ error: any Error) { code = (error as? Failure)?.code ?? .internal }
}
