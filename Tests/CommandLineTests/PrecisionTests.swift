import Foundation
import Testing

/// `attack.precision: bfloat16` as a user asks for it: refused in a line where it cannot be had, the same bits on any ranks and
/// threads, and said wherever a run is named.
@Suite(.serialized) struct PrecisionTests {
  private static let small = [
    "data.train-count=96", "data.test-count=16", "data.size=16", "training.batch-size=32",
    "training.epochs=1", "attack.steps=2", "evaluation.attack.steps=1", "augmentation.crop=2",
    "attack.precision=bfloat16",
  ]

  private func train(_ scene: Scene, _ run: String, ranks: Int = 1, threads: Int = 1, _ more: String...) throws
    -> Program.Outcome
  {
    let arguments =
      ["train", "--recipe", "synthetic-small", "--run", run, "--threads", "\(threads)"]
      + (Self.small + more).flatMap { ["--set", $0] }
    if ranks == 1 { return try Program.run(arguments, in: scene.folder) }
    return try Program.runRanks(Array(repeating: arguments, count: ranks), in: scene.folder)
  }

  private func digests(_ scene: Scene, _ run: String) throws -> [String] {
    let text = try String(contentsOfFile: "\(scene.folder)/\(run)/metrics.jsonl", encoding: .utf8)
    return text.split(separator: "\n").compactMap {
      (try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["digest"] as? String
    }
  }

  @Test func isRefusedWithoutAMatrixUnit() throws {
    let doctor = try Program.run("doctor")
    let outcome = try train(Scene(), "run")
    if doctor.output.contains("AMX: attack.precision can be bfloat16") {
      #expect(outcome.code == 0, "\(outcome.errors)")
      return
    }
    #expect(doctor.output.contains("bfloat16 wants engine.bfloat16: emulated"), "\(doctor.output)")
    #expect(outcome.code == 78 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(outcome.ownErrors.first?.contains("engine.bfloat16: emulated") == true, "\(outcome.errors)")
  }

  @Test func isRefusedWhereNothingWouldBeInIt() throws {
    for choice in ["model.name=xcit-small", "engine.convolution=direct"] {
      let outcome = try train(Scene(), "run", "engine.bfloat16=emulated", choice)
      #expect(outcome.code == 78 && outcome.ownErrors.count == 1, "\(choice): \(outcome.errors)")
      #expect(outcome.ownErrors.first?.contains("attack.precision") == true, "\(outcome.errors)")
    }
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func sameBitsOnAnyRanks() throws {
    let scene = Scene()
    let one = try train(scene, "one", "engine.bfloat16=emulated")
    #expect(one.code == 0, "\(one.errors)")
    #expect(one.output.contains("fairtat, attack in bfloat16, preactresnet18, width 16"), "\(one.output)")
    let environment = try String(contentsOfFile: "\(scene.folder)/one/environment.json", encoding: .utf8)
    #expect(environment.contains("\"attackPrecision\""), "\(environment)")
    let page = try String(contentsOfFile: "\(scene.folder)/one/report.html", encoding: .utf8)
    #expect(page.contains("fairtat, attack in bfloat16"))
    let many = try train(scene, "many", ranks: 3, threads: 2, "engine.bfloat16=emulated")
    #expect(many.code == 0, "\(many.errors)")
    let digests = try digests(scene, "one")
    #expect(try !digests.isEmpty && digests == self.digests(scene, "many"))
    let other = try train(scene, "float", "attack.precision=float32")
    #expect(other.code == 0, "\(other.errors)")
    #expect(try self.digests(scene, "float") != digests)
  }
}
