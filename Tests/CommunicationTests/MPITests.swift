import CommunicationChecks
import Communication
import Foundation
import Launching
import Testing

/// The same checks on real ranks, by a program of its own: `communication-probe`.
@Suite(.serialized) struct MPITests {
  static let probe = Launcher.program("communication-probe")
  static let canRun = Launcher.mpirun != nil

  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// The lines that the program, not the launcher, wrote on standard error.
    var ownErrors: [String] { errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("error: ") } }
  }

  /// Runs a command for at most four minutes; 124 if it took longer.
  static func run(_ command: [String], environment extra: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "240"] + command
    process.environment = Launcher.environment.merging(extra) { $1 }
    let texts = try ProcessTexts(of: process)
    try process.run()
    process.waitUntilExit()
    let (output, errors) = try texts.read()
    return Outcome(status: process.terminationStatus, output: output, errors: errors)
  }

  static func runRanks(_ count: Int, _ arguments: [String]) throws -> Outcome {
    try run([Launcher.mpirun!, "--oversubscribe", "-np", "\(count)", probe] + arguments)
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
    // No launcher is to be seen that would have started the first one: the variables may be left over.
    let second = try Self.run([Self.probe, "checks"], environment: ["PMI_SIZE": "2", "PMI_RANK": "1"])
    #expect(second.status == 78 && second.ownErrors.count == 1 && second.output.isEmpty)
  }
}
