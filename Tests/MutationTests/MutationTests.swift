// Thousands of damaged files: whatever lies in a run directory, its readers end with a line or believe it; none crashes,
// none hangs. The probe reads them in a process of its own, whose death names the mutation.

import Foundation
import Launching
import Mutation
import Testing

@Suite struct MutationTests {
  /// A folder for the tests, with a finished run of two epochs in it.
  private static let folder: String = {
    let folder = NSTemporaryDirectory() + "mutations-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let settings = [
      "model.width=8", "data.train-count=80", "data.test-count=20", "data.size=16", "data.validation=0.2",
      "training.batch-size=16", "training.epochs=2", "training.log-every=2", "attack.steps=1",
      "evaluation.attack.steps=1", "augmentation.crop=2", "engine.threads=1",
    ]
    let outcome = try! run(
      "fairtat-dist", ["train", "--quiet", "--run", folder + "/run"] + settings.flatMap { ["--set", $0] }, limit: 600)
    precondition(outcome.code == 0, outcome.text)
    return folder
  }()

  @Test(arguments: [
    "metrics", "environment", "state", "recipe", "safetensors", "row", "evaluation", "corruptions", "scaling",
  ])
  func aDamagedFileIsRefusedOrBelieved(kind: String) throws {
    let scratch = "\(Self.folder)/\(kind)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let outcome = try Self.run(
      "mutation-probe", [kind, "\(Self.folder)/run", scratch, "1", "0", "5000"], limit: 1800)
    let number = (try? String(contentsOfFile: scratch + "/number", encoding: .utf8)) ?? "none"
    #expect(
      outcome.code == 0, "\(kind), seed 1, mutation \(number): ended with \(outcome.code): \(outcome.text.suffix(600))")
    let counts = outcome.text.split(separator: " ").compactMap { Int($0) }
    try #require(counts.count == 2, "\(outcome.text)")
    // Most changes are noticed; some leave what a run may have written.
    #expect(counts[0] + counts[1] == 5_000 && counts[0] > 1_000 && counts[1] > 0, "\(kind): \(outcome.text)")
  }

  @Test func mutationsAreAddressed() {
    let bytes = Array("{\"kind\":\"epoch\",\"epoch\":3,\"loss\":0.25}\nsecond 12\n".utf8)
    let some = (0..<300).map { Mutator(seed: 5).mutated(bytes, number: $0) }
    #expect(some == (0..<300).map { Mutator(seed: 5).mutated(bytes, number: $0) })
    #expect(Set(some).count > 200 && some.filter { $0 == bytes }.count < 60)
    #expect(some != (0..<300).map { Mutator(seed: 6).mutated(bytes, number: $0) })
    // Of every kind: shorter ones, longer ones, ones of bytes that are no text.
    #expect(some.contains { $0.count < bytes.count } && some.contains { $0.count > bytes.count + 1_000 })
    #expect(some.contains { String(validating: $0, as: UTF8.self) == nil })
    #expect(Mutator(seed: 5).mutated([], number: 3).count < 100_000)
  }

  private static func run(_ program: String, _ arguments: [String], limit: Int) throws -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "\(limit)", Launcher.program(program)] + arguments
    process.environment = Launcher.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let texts = try ProcessTexts(of: process)
    try process.run()
    process.waitUntilExit()
    let (output, errors) = try texts.read()
    return (process.terminationStatus, output + errors)
  }
}
