import Foundation
import Launching

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

  static let path = Launcher.program("fairtat-dist")
  static let hasRanks = Launcher.mpirun != nil

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
    return try command([Launcher.mpirun!, "--oversubscribe"] + parts, in: folder)
  }

  /// Runs a command for at most five minutes; 124 if it took longer.
  static func command(
    _ command: [String], environment: [String: String] = [:], in folder: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "300"] + command
    process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"].merging(Launcher.permissions) { $1 }
      .merging(environment) { $1 }
    process.currentDirectoryURL = folder.map { URL(fileURLWithPath: $0) } ?? emptyFolder
    let texts = try ProcessTexts(of: process)
    try process.run()
    process.waitUntilExit()
    let (output, errors) = try texts.read()
    return Outcome(code: process.terminationStatus, output: output, errors: errors)
  }
}
