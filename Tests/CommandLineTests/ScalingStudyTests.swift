// launch/scaling with the real program: from a line to table, chart and page.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: Program.hasRanks, "mpirun is not installed")) struct ScalingStudyTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("launch/scaling").path

  private static func study(_ scene: Scene, _ arguments: String...) throws -> Program.Outcome {
    let words = [
      "--width", "16", "--batch", "16", "--rounds", "1", "--steps", "1", "--warmup", "0", "--attack-steps", "1",
      "--oversubscribe", "--results", scene.path("study"),
    ]
    return try Program.command(
      [script] + arguments + words, environment: ["FAIRTAT_PROGRAM": Program.path], in: scene.folder)
  }

  @Test func fromALineToAPage() throws {
    let scene = Scene()
    let outcome = try Self.study(scene, "strong", "--ranks", "1,2")
    #expect(outcome.code == 0 && outcome.output.contains("Strong scaling"), "\(outcome.errors)")
    #expect(outcome.output.contains("| 1 x 1") && outcome.output.contains("| 2 x 1"))
    let names = ["md", "csv", "json", "svg", "html"].map { "scaling.\($0)" }
    #expect(
      Set(scene.contents("study") ?? []).isSuperset(of: names + ["r1-t1-b16-round1.json", "r2-t1-b16-round1.json"]))
    #expect(scene.leftovers("study").isEmpty)
    let data = try Data(contentsOf: URL(fileURLWithPath: scene.path("study/scaling.json")))
    let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let rows = try #require(report["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["ranks"] as? Int } == [1, 2])
    // The first row is what the model is fitted to.
    let (measured, predicted) = (rows[0]["step_seconds"] as? Double, rows[0]["predicted_seconds"] as? Double)
    #expect(abs((predicted ?? .nan) / (measured ?? .nan) - 1) < 0.05)
    let node = try #require(report["node"] as? [String: Double])
    #expect(node["cores"] ?? 0 >= 1 && node["bandwidth"] ?? 0 > 1e8 && node["core_bandwidth"] ?? 0 > 1e8)
    // Nothing is measured twice.
    let again = try Self.study(scene, "strong", "--ranks", "1,2")
    #expect(again.code == 0 && !again.errors.contains("round 1"), "\(again.errors)")
  }

  @Test func whatIsNoStudyIsRefused() throws {
    let scene = Scene()
    try FileManager.default.createDirectory(atPath: scene.path("empty"), withIntermediateDirectories: true)
    let empty = try Program.run(["report", "scaling", scene.path("empty")])
    #expect(empty.code == 65 && empty.errors.contains("launch/scaling makes them"))
    try "[]".write(toFile: scene.path("file.json"), atomically: true, encoding: .utf8)
    let other = try Program.run(["report", "scaling", scene.path("file.json")])
    #expect(other.code == 65 && other.errors.contains("no measurement of bench step"))
    #expect(try Program.run(["report", "scaling", scene.path("none")]).code == 65)
    #expect(try Program.run(["report", "scaling", "x", "--network", "latency=2"]).code == 64)
  }
}
