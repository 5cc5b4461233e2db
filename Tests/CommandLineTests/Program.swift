import Foundation

/// The built program, which lies beside the tests.
enum Program {
  /// What one run of it said.
  struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    /// The lines on standard error that are the program's, not the launcher's.
    var ownErrors: [String] {
      errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("fairtat-dist:") }
    }
  }

  static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("fairtat-dist").path

  static let mpirun = ["/usr/bin/mpirun", "/usr/local/bin/mpirun"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static let hasRanks = mpirun != nil

  /// Where nothing lies that a recipe or a run could be found in.
  private static let emptyFolder: URL = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fairtat-dist-tests-empty")
    try! FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()

  static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  static func run(
    _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
  ) throws -> Outcome {
    try command([path] + arguments, environment: environment, in: folder)
  }

  /// Runs the program under mpirun, each rank with the arguments of its place.
  static func runRanks(_ arguments: [[String]], in folder: String? = nil) throws -> Outcome {
    let parts = arguments.map { ["-np", "1", path] + $0 }.joined(separator: [":"])
    return try command([mpirun!, "--oversubscribe"] + parts, in: folder)
  }

  /// Runs a command for at most two minutes; 124 if it took longer.
  static func command(
    _ command: [String], environment: [String: String] = [:], in folder: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "120"] + command
    process.environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
      "OMPI_MCA_mpi_yield_when_idle": "1",
    ].merging(environment) { $1 }
    process.currentDirectoryURL = folder.map { URL(fileURLWithPath: $0) } ?? emptyFolder
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // What comes on standard error fits a pipe's buffer, so that one can be read after the other.
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: String(decoding: printed, as: UTF8.self),
      errors: String(decoding: complained, as: UTF8.self))
  }
}
