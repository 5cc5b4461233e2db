import Foundation
import Testing

/// `corrupt`, and `evaluate --corruptions` on what it made.
@Suite struct CorruptionTests {
  let scene = Scene()

  private func file(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: scene.path(name)))
  }

  private func write(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: scene.path(name))) }

  private func corrupt(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["corrupt", "--threads", "1"] + arguments, in: scene.folder)
  }

  private func evaluate(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(
      ["evaluate", "--threads", "1", "--checkpoint", "run", "--corruptions"] + arguments, in: scene.folder)
  }

  @Test func makesAndJudges() throws {
    try scene.writeNPY(train: [0, 1], test: [0, 1, 2, 1, 0, 2, 3])
    #expect(try scene.train().code == 0)
    let made = try corrupt("--data", "own", "--output", "all")
    #expect(made.code == 0, "\(made.errors)")
    let contents = try #require(scene.contents("all"))
    #expect(contents.count { $0.hasSuffix(".npy") } == 20 && contents.contains("corrupt.json"))
    #expect(contents.count == 21, "\(contents)")
    #expect(try file("all/fog.npy").count == 128 + 5 * 7 * 768)

    // One corruption alone, fewer images and threads change no image.
    #expect(try corrupt("--data", "own", "--output", "some", "--names", "snow,fog", "--limit", "3").code == 0)
    let whole = try file("all/fog.npy").dropFirst(128)
    let some = try file("some/fog.npy").dropFirst(128)
    #expect(some.prefix(3 * 768) == whole.prefix(3 * 768) && some.count == 15 * 768)
    #expect(some.suffix(3 * 768) == whole.suffix(7 * 768).prefix(3 * 768))
    let three = try corrupt("--data", "own", "--output", "three", "--names", "snow", "--severities", "2,5")
    #expect(three.code == 0, "\(three.errors)")
    let snow = try file("all/snow.npy").dropFirst(128)
    #expect(try file("three/snow.npy").dropFirst(128) == snow.dropFirst(7 * 768).prefix(7 * 768) + snow.suffix(7 * 768))

    let judged = try evaluate("all", "--json", "all.json")
    #expect(judged.code == 0, "\(judged.errors)")
    #expect(judged.output.contains("mean of 18 corruptions") && judged.output.contains("glass_blur"))
    let results = try #require(try JSONSerialization.jsonObject(with: file("all.json")) as? [String: Any])
    let rows = try #require(results["corruptions"] as? [[String: Any]])
    #expect(rows.count == 19 && rows.allSatisfy { $0["count"] as? Int == 35 })
    let severities = try #require(rows[0]["severities"] as? [[String: Any]])
    #expect(severities.compactMap { $0["severity"] as? Int } == [1, 2, 3, 4, 5])
    #expect(severities[0]["class_count"] as? [Int] == [2, 2, 2, 1, 0, 0, 0, 0, 0, 0])
    #expect(try evaluate("three").output.contains("severity 5"))
    #expect(try evaluate("all", "--limit", "2").output.contains("2 a severity"))
  }

  @Test(.enabled(if: Program.hasRanks)) func ranksChangeNothing() throws {
    #expect(try scene.train("data.size=32").code == 0)
    let arguments = [
      "corrupt", "--threads", "1", "--names", "shot_noise,elastic_transform", "--limit", "9", "--output",
    ]
    #expect(try Program.run(arguments + ["one"], in: scene.folder).code == 0)
    let ranks = try Program.runRanks(.init(repeating: arguments + ["two"], count: 2), in: scene.folder)
    #expect(ranks.code == 0, "\(ranks.errors)")
    for name in ["shot_noise.npy", "elastic_transform.npy", "labels.npy", "corrupt.json"] {
      #expect(try file("one/\(name)") == file("two/\(name)"))
    }
    let judge = ["evaluate", "--threads", "1", "--checkpoint", "run", "--corruptions", "one", "--json"]
    #expect(try Program.run(judge + ["one.json"], in: scene.folder).code == 0)
    #expect(try Program.runRanks(.init(repeating: judge + ["two.json"], count: 2), in: scene.folder).code == 0)
    #expect(try file("one.json") == file("two.json"))
  }

  @Test func goesOnAndKeepsAway() throws {
    let arguments = ["corrupt", "--threads", "1", "--names", "glass_blur,zoom_blur", "--limit", "300", "--output"]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments + ["parts"]
    process.currentDirectoryURL = URL(fileURLWithPath: scene.folder)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    for _ in 0..<2000 where scene.contents("parts")?.contains("labels.npy") != true {
      usleep(5000)
    }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 75)
    #expect(scene.contents("parts")?.contains { $0.hasPrefix(".") || $0.hasSuffix("lock") } == false)
    try write(Data("half".utf8), "parts/.glass_blur.npy.partial-1")
    #expect(try Program.run(arguments + ["parts"], in: scene.folder).code == 0)
    #expect(scene.leftovers("parts").isEmpty && scene.contents("parts")?.count == 4)
    #expect(try Program.run(arguments + ["whole"], in: scene.folder).code == 0)
    #expect(try file("parts/zoom_blur.npy") == file("whole/zoom_blur.npy"))
    let again = try Program.run(arguments + ["whole"], in: scene.folder)
    #expect(again.code == 0 && again.output.contains("zoom_blur.npy is there already"))

    let seed = try Program.run(arguments + ["whole", "--seed", "1"], in: scene.folder)
    #expect(seed.code == 73 && seed.errors.contains("made from seed 0"), "\(seed.errors)")
    try write(file("whole/fog.npy".replacing("fog", with: "zoom_blur")).dropLast(), "whole/zoom_blur.npy")
    let damaged = try Program.run(arguments + ["whole"], in: scene.folder)
    #expect(damaged.code == 73 && damaged.errors.contains("zoom_blur.npy is damaged"), "\(damaged.errors)")
    try FileManager.default.removeItem(atPath: scene.path("whole/corrupt.json"))
    let foreign = try Program.run(arguments + ["whole"], in: scene.folder)
    #expect(foreign.code == 73 && foreign.errors.contains("did not make"), "\(foreign.errors)")
  }

  /// Stopped by a signal, then killed, the same command ends with the results of the undisturbed one.
  @Test func judgesOn() throws {
    #expect(try scene.train("data.size=32").code == 0)
    #expect(try corrupt("--names", "fog,contrast,saturate", "--limit", "400", "--output", "c").code == 0)
    #expect(try evaluate("c", "--json", "whole.json").code == 0)
    for signal in [SIGTERM, SIGKILL] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = [
        "evaluate", "--threads", "1", "--checkpoint", "run", "--corruptions", "c", "--batch", "4", "--json",
        "parts.json",
      ]
      process.currentDirectoryURL = URL(fileURLWithPath: scene.folder)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      for _ in 0..<2000 where process.isRunning && scene.contents(".")?.contains("parts.json.lock") != true {
        usleep(5000)
      }
      usleep(400_000)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      // However fast this machine is, and however busy.
      #expect([0, 75, SIGKILL].contains(process.terminationStatus))
    }
    #expect(try evaluate("c", "--json", "parts.json").code == 0)
    #expect(try file("parts.json") == file("whole.json"))
    #expect(scene.contents(".")?.contains { $0.hasSuffix(".partial") || $0.hasSuffix(".lock") } == false)
  }

  @Test func badFoldersAreNamed() throws {
    #expect(try scene.train("data.size=32").code == 0)
    #expect(try corrupt("--names", "fog", "--limit", "4", "--output", "bad").code == 0)
    let (fog, labels) = (try file("bad/fog.npy"), try file("bad/labels.npy"))
    func expect(_ message: String, _ location: SourceLocation = #_sourceLocation) throws {
      let outcome = try evaluate("bad")
      #expect(outcome.code == 65 && outcome.ownErrors.count == 1, sourceLocation: location)
      #expect(outcome.errors.contains(message), "\(outcome.errors)", sourceLocation: location)
    }
    func header(_ old: String, _ new: String) -> Data {
      var data = fog
      if let range = data.range(of: Data(old.utf8)) { data.replaceSubrange(range, with: Data(new.utf8)) }
      return data
    }
    for (data, message) in [
      (fog.dropLast(1), "fog.npy is cut short"), (header("|u1", "|i1"), "fog.npy holds dtype |i1"),
      (header("False,", "True, "), "fog.npy is in Fortran order"), (header("(20,", "(19,"), "no multiple of its 5"),
      (header("(20, 32, 32", "(20, 32, 12"), "images of 32x12"), (Data("x".utf8), "fog.npy is no .npy file"),
      (header("(20,", "(15,"), "has 20 labels"),
    ] {
      try write(data, "bad/fog.npy")
      try expect(message)
    }
    try write(fog, "bad/fog.npy")
    try write(labels.dropLast() + [10], "bad/labels.npy")
    try expect("label 19 (from 0) is 10")
    try FileManager.default.removeItem(atPath: scene.path("bad/labels.npy"))
    try expect("no bad/labels.npy")
    try FileManager.default.removeItem(atPath: scene.path("bad/fog.npy"))
    try expect("no corrupted images in bad")
  }

  @Test(arguments: [
    ["corrupt"], ["corrupt", "--output", "x", "--names", "frog"], ["corrupt", "--output", "x", "--severities", "0"],
    ["corrupt", "--output", "x", "--severities", "1,1"], ["corrupt", "--output", "x", "--limit", "0"],
    ["evaluate", "--checkpoint", "x", "--corruptions", "y", "--attack", "fgsm"],
    ["evaluate", "--checkpoint", "x", "--corruptions", "y", "--epsilon", "0"],
  ])
  func usage(arguments: [String]) throws {
    #expect(try Program.run(arguments).code == 64)
  }
}
