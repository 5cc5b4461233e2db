// Who holds the others up: judged from what the ranks of a host say of themselves, round by round.
//
// Time is counted in rounds of the watch that asks, not by a clock: where a whole job is stopped and goes on, so do they.

import Failures

/// What a watch knows after each of its rounds. A pure function of the readings it was given.
package struct StallJudge {
  package enum Verdict: Equatable {
    /// All ranks of this host wait for others, for so many seconds.
    case waits(String)
    /// The job is to end.
    case stalled(Failure)
  }

  /// Seconds without progress that end a run, and between two rounds.
  let timeout: Double
  let tick: Double
  let hostName: String
  /// Whether all ranks of the job are on this host.
  let isWhole: Bool
  private var last: [RankReading] = []
  /// By place: rounds in which the rank has done nothing, and in which its watch has not moved either.
  private var silent: [Int] = []
  private var still: [Int] = []

  package init(timeout: Double, tick: Double, hostName: String, isWhole: Bool) {
    self.timeout = timeout
    self.tick = tick
    self.hostName = hostName
    self.isWhole = isWhole
  }

  /// Judges one round.
  package mutating func judge(_ readings: [RankReading]) -> Verdict? {
    if last.count != readings.count {
      silent = [Int](repeating: 0, count: readings.count)
      still = silent
    } else {
      for (place, reading) in readings.enumerated() {
        silent[place] = reading.progress == last[place].progress ? silent[place] + 1 : 0
        still[place] = reading.rounds == last[place].rounds ? still[place] + 1 : 0
      }
    }
    last = readings
    let present = readings.indices.filter { readings[$0].phase != .ended }
    guard let shortest = present.map({ silent[$0] }).min(), Double(shortest) * tick >= timeout else { return nil }
    // Who does not wait for others, or would not if it ran.
    let culprits = present.filter { readings[$0].call == nil || isStopped($0) }
    if let worst = culprits.first { return .stalled(failure(worst, among: present, culprits)) }
    let seconds = Self.text(Double(shortest) * tick)
    if isWhole {
      return .stalled(
        Failure(
          .stalled,
          "stalled: all ranks of \(hostName) wait for each other since \(seconds) s, "
            + "\(present.prefix(8).map(call).joined(separator: ", ")), \(place(present[0])): look for a broken transport of "
            + "MPI; start again to go on from the last checkpoint (engine.stall-timeout)"))
    }
    // Ranks of another host may be at long work; if they do not move, their own watch ends the job before this one does.
    guard Double(shortest) * tick >= 2 * timeout else {
      return .waits(
        "all ranks of \(hostName) wait for other hosts since \(seconds) s, \(place(present[0])); the job ends at "
          + "\(Self.text(2 * timeout)) s")
    }
    return .stalled(
      Failure(
        .stalled,
        "stalled: all ranks of \(hostName) wait for other hosts since \(seconds) s, \(place(present[0])): look for a "
          + "host that is lost or stopped; start again to go on from the last checkpoint (engine.stall-timeout)"))
  }

  private func call(_ place: Int) -> String { "rank \(last[place].rank) in \(last[place].call?.words ?? "none")" }

  private func isStopped(_ place: Int) -> Bool { still[place] > 0 && 2 * still[place] >= silent[place] }

  private func failure(_ worst: Int, among present: [Int], _ culprits: [Int]) -> Failure {
    let reading = last[worst]
    let others = culprits.dropFirst().map { "\(last[$0].rank)" }
    var text =
      "stalled: rank \(reading.rank) on \(hostName) (process \(reading.process)) has not moved for "
      + "\(Self.text(Double(silent[worst]) * tick)) s, \(place(worst))"
    if isStopped(worst) { text += ", its process is stopped or gets no processor time" }
    if !others.isEmpty { text += "; nor rank\(others.count == 1 ? "" : "s") \(others.joined(separator: ", "))" }
    if culprits.count < present.count { text += "; the others of this host wait" }
    return Failure(
      .stalled,
      text + "; start again to go on from the last checkpoint, without that host if it happens again "
        + "(engine.stall-timeout)")
  }

  private func place(_ place: Int) -> String {
    let reading = last[place]
    let words = reading.phase.words(part: reading.part)
    return reading.step == 0 ? "at \(words)" : "in epoch \(reading.epoch), step \(reading.step), at \(words)"
  }

  /// Seconds, whole from 10 on.
  private static func text(_ seconds: Double) -> String {
    seconds >= 10 ? "\(Int(seconds.rounded()))" : "\((seconds * 10).rounded() / 10)"
  }
}
