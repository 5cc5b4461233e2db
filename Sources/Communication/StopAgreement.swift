// How the ranks come to stop together. Any of them may be asked to stop at any time (a signal, a limit of time); what it
// was asked travels with the numbers that the ranks exchange anyway, so all learn of it at the same exchange.

/// Why a rank wants all to stop; of several the greatest counts.
package enum StopRequest: Int, Sendable {
  case none
  /// The time of the job ends soon.
  case timeLimit
  /// A signal was received.
  case signal
  /// The user put a file into the run directory.
  case file
}

/// Thrown on every rank at the same exchange: leave the work unfinished, keep what is whole, and end.
package struct Interruption: Error, Equatable, Sendable {
  package let request: StopRequest

  package init(_ request: StopRequest) { self.request = request }
}

/// One rank's side of the agreement to stop.
package final class StopAgreement {
  /// What this rank was asked; looked at once an exchange.
  package var request: () -> StopRequest = { .none }
  /// How long work that exchanges nothing goes on before the ranks ask each other.
  package var interval = Duration.milliseconds(250)

  package init() {}

  /// Ends an exchange with the greatest request of all ranks.
  package func conclude(_ greatest: Int) throws {
    guard let request = StopRequest(rawValue: greatest), request != .none else { return }
    throw Interruption(request)
  }

  /// An exchange of its own, for where nothing else is exchanged.
  ///
  /// - Throws: `Interruption` on every rank where one asks to stop.
  package func agree(_ communicator: any Communicator) throws {
    try conclude(communicator.maximum(request().rawValue))
  }
}
