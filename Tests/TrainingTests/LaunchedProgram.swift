// The built program, alone or on ranks of MPI, as a user starts it.

import Foundation
import Launching

/// A process that was started.
final class LaunchedProgram {
  /// What it ended with and said.
  struct Outcome {
    let code: Int32
    let output: String
    let errors: String
    /// The lines that the program, not the launcher, wrote on standard error.
    var ownErrors: [String] { errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("fairtat-dist: ") } }
  }

  /// Seconds for what takes some on an idle machine: on a busy one it must end all the same.
  static let patience = 240.0

  let process = Process()
  private let texts: ProcessTexts

  /// - Parameters:
  ///   - ranks: nil for a process on its own, without mpirun.
  ///   - variables: of the environment, beside the test's own.
  init(ranks: Int?, _ arguments: [String], variables: [String: String] = [:]) throws {
    let command =
      (ranks.map { [Launcher.mpirun!, "--oversubscribe", "--bind-to", "none", "-np", "\($0)"] } ?? [])
      + [Launcher.program("fairtat-dist")] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = Launcher.environment.merging(variables) { $1 }
    texts = try ProcessTexts(of: process)
    // This thread may block signals, and a process inherits that.
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
  }

  /// Runs to the end; 137 if that takes longer than `patience`.
  static func run(ranks: Int?, _ arguments: [String]) throws -> Outcome {
    try LaunchedProgram(ranks: ranks, arguments).wait()
  }

  /// Waits for the end; kills it once patience is over.
  func wait() throws -> Outcome {
    let pid = process.processIdentifier
    let watchdog = DispatchWorkItem { kill(pid, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience, execute: watchdog)
    process.waitUntilExit()
    watchdog.cancel()
    let code = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    let (output, errors) = try texts.read()
    return Outcome(code: code, output: output, errors: errors)
  }

  /// Sends the process itself, mpirun under ranks, a signal.
  func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Sends one rank a signal.
  func signal(_ signal: Int32, rank: Int) throws {
    let ranks = ranks
    guard rank < ranks.count else { throw CocoaError(.featureUnsupported) }
    kill(ranks[rank], signal)
  }

  /// The processes of the ranks: mpirun starts those of one host one after the other.
  var ranks: [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter {
      let status = Self.status(of: $0)
      return status?.name == "fairtat-dist" && status?.parent == process.processIdentifier
    }.sorted()
  }

  /// Whether a process has a handler for a signal.
  static func handles(_ signal: Int32, _ pid: Int32) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
    let mask = line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
    return mask >> UInt64(signal - 1) & 1 == 1
  }

  /// Bytes of memory that are a process's own.
  static func privateMemory(of pid: Int32) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return 1024 * (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
  }

  /// Whether a process lives; one that nobody has asked how it ended does not.
  static func isAlive(_ pid: Int32) -> Bool { status(of: pid).map { $0.state != "Z" } ?? false }

  private static func status(of pid: Int32) -> (name: Substring, state: Substring, parent: Int32?)? {
    // PID (NAME) STATE PARENT ...
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")")
    else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 1 else { return nil }
    return (stat[stat.index(after: open)..<close], fields[0], Int32(fields[1]))
  }

  /// Waits until a condition holds or the process has ended.
  func wait(until condition: () -> Bool) {
    let end = Date(timeIntervalSinceNow: Self.patience)
    while !condition() && process.isRunning && Date() < end { usleep(5000) }
  }
}
