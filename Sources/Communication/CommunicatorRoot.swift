// What rank 0 does alone, and whose failure all ranks must share: files, locks, decisions that depend on a clock.

import Failures

extension Communicator {
  /// Runs `body` on rank 0; if it fails there, every rank throws the same `Failure`.
  ///
  /// - Returns: what `body` returned, on rank 0; nil elsewhere.
  package func onRoot<Value>(_ body: () throws -> Value) throws -> Value? {
    var value: Value?
    var failure: Failure?
    if rank == 0 {
      do {
        value = try body()
      } catch let error as Failure {
        failure = error
      } catch {
        failure = Failure(.internal, "internal error: \(error)")
      }
    }
    let code = try broadcast(failure?.code.rawValue ?? ExitCode.success.rawValue)
    guard code != ExitCode.success.rawValue else { return value }
    throw Failure(ExitCode(rawValue: code) ?? .internal, try broadcast(failure?.message ?? ""))
  }
}
