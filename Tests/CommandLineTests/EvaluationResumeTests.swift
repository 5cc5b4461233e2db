import Foundation
import Testing

/// An evaluation that is stopped or killed goes on by the same command, and ends with what the undisturbed one ends with.
@Suite struct EvaluationResumeTests {
  let scene = Scene()

  /// Rounds of two images, each of thousands of passes; PGD attacks all of them, however good the model is.
  private static func arguments(_ results: String, steps: Int = 3000) -> [String] {
    [
      "evaluate", "--threads", "1", "--checkpoint", "run", "--batch", "2", "--attack", "pgd:steps=\(steps)", "--json",
      results, "--save-adversaries", "\(results).npy",
    ]
  }

  private func start(_ results: String, steps: Int = 3000) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = Self.arguments(results, steps: steps)
    process.currentDirectoryURL = URL(fileURLWithPath: scene.folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test func whateverEndsIt() throws {
    #expect(try scene.train().code == 0)
    let whole = try Program.run(Self.arguments("whole.json"), in: scene.folder)
    #expect(whole.code == 0, "\(whole.errors)")
    var codes: [Int32] = []
    for attempt in 0..<6 where scene.results("parts.json") == nil {
      let process = try start("parts.json")
      // However busy the other tests are.
      usleep(UInt32(300_000 + 150_000 * attempt))
      if attempt % 2 == 0 { process.terminate() } else { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      codes.append(process.terminationStatus)
    }
    #expect(codes.contains { $0 != 0 }, "\(codes)")
    let last = try Program.run(Self.arguments("parts.json"), in: scene.folder)
    #expect(last.code == 0, "\(last.errors)")
    #expect(scene.results("parts.json") != nil && scene.results("parts.json") == scene.results("whole.json"))
    let adversaries = ["whole", "parts"].map { FileManager.default.contents(atPath: scene.path("\($0).json.npy")) }
    #expect(adversaries[0] != nil && adversaries[0] == adversaries[1])
    let left = try FileManager.default.contentsOfDirectory(atPath: scene.folder).filter {
      $0.contains(".partial") || $0.contains(".lock")
    }
    #expect(left.isEmpty, "\(left)")
  }

  /// What is kept is taken up by the same evaluation alone, and nobody works on it twice.
  @Test func onlyItsOwn() throws {
    #expect(try scene.train().code == 0)
    // Longer than any of this takes.
    let process = try start("results.json", steps: 65_535)
    defer { process.terminate() }
    for _ in 0..<400 where !FileManager.default.fileExists(atPath: scene.path("results.json.lock")) {
      // Not asleep as a task: it would wake after all other tests have begun, and the evaluation takes a core meanwhile.
      usleep(20_000)
    }
    let second = try Program.run(Self.arguments("results.json"), in: scene.folder)
    #expect(second.code == 73 && second.errors.contains("results.json is in use by"), "\(second.errors)")
    usleep(300_000)
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 75)
    let quick = ["evaluate", "--threads", "1", "--checkpoint", "run", "--json", "results.json", "--attack", "fgsm"]
    let other = try Program.run(quick, in: scene.folder)
    #expect(other.code == 0 && other.output.contains("is of another evaluation"), "\(other.output)")
    try Data("{".utf8).write(to: URL(fileURLWithPath: scene.path("results.json.partial")))
    let damaged = try Program.run(quick, in: scene.folder)
    #expect(damaged.code == 0 && damaged.output.contains("is damaged: the evaluation begins anew"), "\(damaged.output)")
  }
}
