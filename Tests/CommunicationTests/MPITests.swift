import CommunicationChecks
import Communication
import Foundation
import Testing

/// The same checks on real ranks, by a program of its own: `communication-probe`.
@Suite(.serialized) struct MPITests {
  static let mpirun = ["/usr/bin", "/usr/local/bin"].map { $0 + "/mpirun" }.first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  /// Beside this test's own program.
  static let probe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("communication-probe").path
  static let canRun = mpirun != nil

  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// The lines that the program, not the launcher, wrote on standard error.
    var ownErrors: [String] { errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("error: ") } }
  }

  /// Runs a command for at most a minute; 124 if it took longer.
  static func run(_ command: [String], environment extra: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "60"] + command
    var environment = ProcessInfo.processInfo.environment
    for name in environment.keys
    where name.hasPrefix("OMPI_COMM") || name.hasPrefix("PMI") || name.hasPrefix("SLURM_STEP") {
      environment[name] = nil
    }
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    environment["OMPI_MCA_mpi_yield_when_idle"] = "1"
    environment.merge(extra) { $1 }
    process.environment = environment
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) throws -> FileHandle {
      let url = folder.appendingPathComponent(name)
      try Data().write(to: url)
      return try FileHandle(forUpdating: url)
    }
    let (output, errors) = (try file("output"), try file("errors"))
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    process.waitUntilExit()
    func text(_ handle: FileHandle) throws -> String {
      try handle.seek(toOffset: 0)
      return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }
    return Outcome(status: process.terminationStatus, output: try text(output), errors: try text(errors))
  }

  static func runRanks(_ count: Int, _ arguments: [String]) throws -> Outcome {
    try run([mpirun!, "--oversubscribe", "-np", "\(count)", probe] + arguments)
  }

  @Test(.enabled(if: canRun, "mpirun is not installed"), arguments: 1...4)
  func everyCollectiveAndTheSameSums(ranks: Int) throws {
    let digest = try TreeChecks.run(SoloCommunicator())
    let outcome = try Self.runRanks(ranks, ["checks"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "ranks \(ranks) digest \(digest)\n")
  }

  @Test func withoutALauncherOrAsThreads() throws {
    let digest = try TreeChecks.run(SoloCommunicator())
    #expect(try Self.run([Self.probe, "checks"]).output == "ranks 1 digest \(digest)\n")
    #expect(try Self.run([Self.probe, "checks", "--local", "3"]).output == "ranks 3 digest \(digest)\n")
  }

  /// The others wait in a barrier: they must end, soon, and the code be that of the error.
  @Test(.enabled(if: canRun, "mpirun is not installed")) func oneRankThatThrowsEndsAll() throws {
    let outcome = try Self.runRanks(3, ["one-throws"])
    #expect(outcome.status == 65)
    #expect(outcome.ownErrors == ["error: rank 2 cannot read its data"])
  }

  @Test(.enabled(if: canRun, "mpirun is not installed")) func allRanksThatThrowSayItOnce() throws {
    let outcome = try Self.runRanks(3, ["all-throw"])
    #expect(outcome.status == 75)
    #expect(outcome.ownErrors == ["error: checkpoint written, please requeue"])
  }

  @Test(.enabled(if: canRun, "mpirun is not installed")) func ranksThatDifferAreNamed() throws {
    let outcome = try Self.runRanks(2, ["differ"])
    #expect(outcome.status == 78)
    #expect(outcome.ownErrors.count == 1 && outcome.ownErrors[0].contains("differs from rank 0's on rank 1 ("))
  }

  @Test(.enabled(if: canRun, "mpirun is not installed")) func otherNumbersOfRanksThanMeant() throws {
    let expected = try Self.runRanks(2, ["checks", "--expect-ranks", "3"])
    #expect(expected.status == 78 && expected.ownErrors.count == 1 && expected.output.isEmpty)
    // What another MPI's mpirun does: it sets its variables, and this MPI finds itself alone.
    let single = try Self.run(
      [Self.probe, "checks"], environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"])
    #expect(single.status == 78 && single.ownErrors.count == 1 && single.output.isEmpty)
    let second = try Self.run([Self.probe, "checks"], environment: ["PMI_SIZE": "2", "PMI_RANK": "1"])
    #expect(second.status == 78 && second.ownErrors.isEmpty && second.output.isEmpty)
  }
}
