// How ranks agree to stop while each makes passes of its own, as many as its examples need.
//
// A rank at work asks the others once in a while, by the clock. One that is done goes on answering until all are done. So all
// make the same exchanges, in whatever different numbers of passes.

import Communication

/// One rank's side of the agreement during work that takes each rank another time.
final class PassAgreement {
  private let stop: StopAgreement
  private let communicator: any Communicator
  private var last = ContinuousClock.now

  init(_ stop: StopAgreement, _ communicator: any Communicator) {
    self.stop = stop
    self.communicator = communicator
  }

  /// Before a pass.
  ///
  /// - Throws: `Interruption` on every rank where one asks to stop.
  func work() throws {
    guard ContinuousClock.now - last >= stop.interval else { return }
    _ = try exchange(hasMore: true)
  }

  /// After the last pass: returns when all ranks are here.
  func end() throws {
    while try exchange(hasMore: false) {}
  }

  /// Whether some rank is still at work.
  private func exchange(hasMore: Bool) throws -> Bool {
    let greatest = try communicator.maximum(2 * stop.request().rawValue + (hasMore ? 1 : 0))
    last = .now
    try stop.conclude(greatest / 2)
    return greatest == 1
  }
}
