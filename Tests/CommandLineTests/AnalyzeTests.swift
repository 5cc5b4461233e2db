import Foundation
import Testing

/// `analyze`, from the command line to the files.
@Suite struct AnalyzeTests {
  let scene = Scene()

  private static func arguments(_ output: String, _ more: [String] = []) -> [String] {
    ["analyze", "--threads", "1", "--checkpoint", "run", "--steps", "2", "--limit", "9", "--output", output] + more
  }

  private func analyse(_ output: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(Self.arguments(output, more), in: scene.folder)
  }

  private func file(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scene.path(name))) }

  private func json(_ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: file(name)) as? [String: Any])
  }

  @Test func onAnyRanks() throws {
    #expect(try scene.train().code == 0)
    #expect(try scene.train("model.width=16", run: "other").code == 0)
    let two = ["--checkpoint", "other", "--label", "other=second"]
    let one = try Program.run(Self.arguments("one", two), in: scene.folder)
    #expect(one.code == 0, "\(one.errors)")
    #expect(one.output.contains("wrote one/analysis.html"))
    #expect(
      scene.contents("one") == [
        "analysis.html", "analysis.json", "epsilon-accuracy.svg", "epsilon-worst.svg", "false-positives.svg",
        "loss.svg", "steps-accuracy.svg", "steps-worst.svg",
      ])
    let results = try json("one/analysis.json")
    let models = try #require(results["models"] as? [[String: Any]])
    #expect(models.map { $0["name"] as? String } == ["run", "second"] && models[0]["count"] as? Int == 9)
    let accuracy = try #require((results["transfer"] as? [String: Any])?["accuracy"] as? [[Double]])
    for (number, model) in models.enumerated() {
      let points = try #require(model["by_epsilon"] as? [[String: Any]])
      let at8 = try #require(points.first { abs(($0["epsilon"] as? Double ?? 0) - 8.0 / 255) < 1e-9 })
      #expect(at8["robust_accuracy"] as? Double == accuracy[number][number])
    }
    guard Program.hasRanks else { return }
    for ranks in [2, 3] {
      let many = try Program.runRanks(
        .init(repeating: Self.arguments("many\(ranks)", two), count: ranks), in: scene.folder)
      #expect(many.code == 0, "\(many.errors)")
      for name in scene.contents("one") ?? [] {
        #expect(try file("one/\(name)") == file("many\(ranks)/\(name)"), "\(name)")
      }
    }
  }

  /// The attack of the tables says what `evaluate` says.
  @Test func agreesWithEvaluate() throws {
    #expect(try scene.train().code == 0)
    #expect(
      try Program.run(["analyze", "--threads", "1", "--checkpoint", "run", "--output", "out"], in: scene.folder).code
        == 0)
    let evaluate = [
      "evaluate", "--threads", "1", "--checkpoint", "run", "--attack", "pgd:steps=10,step-size=2/255", "--epsilon",
      "8/255",
      "--json", "result.json",
    ]
    #expect(try Program.run(evaluate, in: scene.folder).code == 0)
    let evaluated = try #require(
      (try JSONSerialization.jsonObject(with: file("result.json")) as? [[String: Any]])?.first)
    let model = try #require((try json("out/analysis.json")["models"] as? [[String: Any]])?.first)
    for key in ["confusion", "clean_confusion"] {
      #expect(model[key] as? [[Int]] == evaluated[key] as? [[Int]] && model[key] != nil)
    }
  }

  @Test func foldersAndModelsThatDoNotDo() throws {
    #expect(try scene.train().code == 0)
    try FileManager.default.createDirectory(atPath: scene.path("full"), withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(fileURLWithPath: scene.path("full/notes.txt")))
    let full = try analyse("full")
    #expect(full.code == 73 && full.ownErrors.count == 1 && full.errors.contains("--force"), "\(full.errors)")
    #expect(scene.contents("full") == ["notes.txt"])
    let forced = try analyse("full", "--force", "--quiet")
    #expect(forced.code == 0 && forced.output.isEmpty && scene.contents("full")?.count == 9)
    let missing = try analyse("new", "--checkpoint", "nowhere")
    #expect(missing.code == 65 && missing.ownErrors.count == 1, "\(missing.errors)")
    let labels = try analyse("new", "--label", "a", "--label", "b")
    #expect(labels.code == 64 && labels.errors.contains("more labels"), "\(labels.errors)")
  }

  /// Models of other images are drawn beside each other; adversaries are not carried over, which is said.
  @Test func otherData() throws {
    #expect(try scene.train().code == 0)
    #expect(try scene.train("data.size=32", run: "other").code == 0)
    let outcome = try analyse("out", "--checkpoint", "other")
    #expect(outcome.code == 0 && outcome.output.contains("no transfer between models: other has other images"))
    #expect(try json("out/analysis.json")["transfer"] == nil)
  }

  @Test func aSignal() throws {
    #expect(try scene.train().code == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = ["analyze", "--threads", "1", "--checkpoint", "run", "--steps", "60000", "--output", "out"]
    process.currentDirectoryURL = URL(fileURLWithPath: scene.folder)
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    // Not asleep as a task: it would wake after all other tests have begun, and the analysis takes a core meanwhile.
    for _ in 0..<2000 where scene.contents("out") == nil { usleep(5000) }
    usleep(300_000)
    process.terminate()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 75 && text.contains("it begins anew"), "\(text)")
    #expect(scene.contents("out") == [])
  }

  @Test(arguments: [
    ["analyze"], ["analyze", "--checkpoint", "x"], ["analyze", "--output", "x"],
    ["analyze", "--checkpoint", "x", "--output", "y", "--epsilon", "0"],
    ["analyze", "--checkpoint", "x", "--output", "y", "--epsilon", "8"],
    ["analyze", "--checkpoint", "x", "--output", "y", "--steps", "0"],
  ])
  func usage(arguments: [String]) throws {
    #expect(try Program.run(arguments).code == 64)
  }
}
