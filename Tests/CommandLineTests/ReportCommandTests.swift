import Foundation
import Testing

/// `report` on whatever lies in a folder of runs.
@Suite(.serialized) struct ReportCommandTests {
  private let scene = Scene()

  /// A run directory with a log of so many epochs of three, and a recipe.
  private func write(_ name: String, seed: Int = 0, epochs: Int = 3, lambda: Double = 0.5, digest: String = "d") throws
  {
    let lines = (0..<epochs).map { epoch in
      """
      {"kind":"epoch","epoch":\(epoch),"step":\(5 * epoch + 5),"digest":"\(digest)\(epoch)","best":\(epoch == 1),\
      "train":{"loss":1.5,"robust_accuracy":0.25,"class_count":[8,8],"class_correct":[1,3]},\
      "test":{"raw":{"clean_accuracy":0.5,"robust_accuracy":0.25,"clean_worst":0.25,"robust_worst":0.125}}}

      """
    }
    try FileManager.default.createDirectory(atPath: scene.path(name), withIntermediateDirectories: true)
    try lines.joined().write(toFile: scene.path("\(name)/metrics.jsonl"), atomically: false, encoding: .utf8)
    let recipe = """
      training:
        epochs: 3
        seed: \(seed)
      method:
        name: fairtat
      fairness:
        lambda: \(lambda)

      """
    try recipe.write(toFile: scene.path("\(name)/recipe.resolved.yaml"), atomically: false, encoding: .utf8)
  }

  private func report(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["report"] + arguments, in: scene.folder)
  }

  @Test func aDamagedRunIsNamedWithItsLine() throws {
    try write("run")
    let log = scene.path("run/metrics.jsonl")
    let text = try String(contentsOfFile: log, encoding: .utf8)
    try text.replacingOccurrences(of: "\"step\":10,", with: "\"step\":-10,").write(
      toFile: log, atomically: false, encoding: .utf8)
    let alone = try report("run")
    #expect(alone.code == 65 && alone.output.isEmpty && alone.ownErrors.count == 1)
    #expect(alone.ownErrors.first?.contains("run/metrics.jsonl:2: step is -10") == true, "\(alone.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.path("run/report.html")))
    try write("other")
    let both = try report("other", "run")
    #expect(both.code == 0 && both.ownErrors.count == 1, "\(both.errors)")
    #expect(both.ownErrors[0].contains("run is left out: damaged: run/metrics.jsonl:2: "))
    #expect(!FileManager.default.fileExists(atPath: scene.path("run/report.html")))
  }

  @Test func whatIsNoFinishedRunIsSkippedWithALine() throws {
    try write("whole")
    try write("half", seed: 1, epochs: 2)
    try FileManager.default.createDirectory(atPath: scene.path("empty"), withIntermediateDirectories: false)
    try FileManager.default.createDirectory(atPath: scene.path("begun"), withIntermediateDirectories: false)
    try "{\"kind\":\"step\",\"epoch\":0,\"step\":1}\n".write(
      toFile: scene.path("begun/metrics.jsonl"), atomically: false, encoding: .utf8)
    try "a text".write(toFile: scene.path("notes.txt"), atomically: false, encoding: .utf8)
    // Reading it would wait for a writer.
    try FileManager.default.createDirectory(atPath: scene.path("pipe"), withIntermediateDirectories: false)
    #expect(mkfifo(scene.path("pipe/metrics.jsonl"), 0o644) == 0)
    let others = ["half", "empty", "begun", "notes.txt", "pipe", "nowhere"]
    let outcome = try Program.run(["report", "whole"] + others + ["--output", "all.html"], in: scene.folder)
    #expect(outcome.code == 0 && outcome.ownErrors.count == others.count, "\(outcome.errors)")
    for (name, reason) in zip(
      others,
      [
        "not finished: 2 of 3 epochs are over", "holds no metrics.jsonl", "just begun: no epoch is over",
        "is no directory of a run", "holds no metrics.jsonl", "no such directory",
      ])
    {
      #expect(
        outcome.ownErrors.contains { $0.hasPrefix("fairtat-dist: \(name) is left out: ") && $0.contains(reason) },
        "\(name): \(outcome.errors)")
    }
    // It wrote there and nowhere else.
    #expect(outcome.output.hasPrefix("wrote all.html\n"))
    #expect(scene.contents(".")?.filter { $0.hasSuffix(".html") } == ["all.html"])

    let none = try Program.run(["report"] + others + ["--output", "none.html"], in: scene.folder)
    #expect(none.code == 65 && none.ownErrors.last?.contains("none of the 6 runs has results") == true)
    #expect(!FileManager.default.fileExists(atPath: scene.path("none.html")))
    for name in ["empty", "notes.txt", "pipe", "nowhere"] {
      let alone = try report(name)
      #expect(alone.code == 65 && alone.ownErrors.count == 1, "\(name): \(alone.errors)")
    }
    // Alone, what there is of a run has its page.
    #expect(try report("half").code == 0 && (try report("begun").code) == 0)
  }

  @Test func aDirectoryThatCannotBeWrittenIsALine() throws {
    for (seed, name) in ["one", "two"].enumerated() { try write(name, seed: seed) }
    // Nobody, root neither, puts a file in the place of a directory.
    try FileManager.default.createDirectory(atPath: scene.path("one/report.html/x"), withIntermediateDirectories: true)
    let both = try report("one", "two")
    #expect(both.code == 0 && both.ownErrors.count == 1 && both.ownErrors[0].contains("no page: "), "\(both.errors)")
    #expect(both.output.contains("wrote two/report.html") && both.output.contains("25.00 ± 0.00"))
    let alone = try report("one")
    #expect(alone.code == 74 && alone.ownErrors.first?.contains("--output FILE") == true, "\(alone.errors)")
    #expect(try report("one", "--output", "page.html").code == 0)
    #expect(try String(contentsOfFile: scene.path("page.html"), encoding: .utf8).contains("<h1>one</h1>"))
  }

  @Test func aHundredRuns() throws {
    let names = (0..<100).map { "runs/r\($0)" }
    for (index, name) in names.enumerated() {
      // Fifty seeds of two recipes; the last one is the first again, with other bits.
      let place = index == 99 ? 0 : index
      try write(
        name, seed: place / 2, lambda: place % 2 == 0 ? 0.25 : 0.75, digest: index == 99 ? "other" : "d\(place)")
    }
    let outcome = try Program.run(["report"] + names + ["--csv"], in: scene.folder)
    #expect(outcome.code == 0 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(outcome.ownErrors[0].contains("WARNING: runs/r0 and runs/r99 have the same recipe and seed 0"))
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(lines.count == 5)
    // The name has a comma and is quoted: columns are counted from the end.
    let last = lines.filter { $0.contains("last") }
    #expect(last.map { String($0[1]) } == [" fairness.lambda 0.25\"", " fairness.lambda 0.75\""])
    #expect(last.map { String($0.last ?? "") } == ["1", "0"])
    #expect(last.map { String($0[8]) } == ["50", "49"])
  }

  @Test func labels() throws {
    try write("a", lambda: 0.25)
    try write("b", lambda: 0.75)
    let named = try report("a", "b", "--csv", "--label", "b=strict=ly", "--label", "soft")
    #expect(named.output.contains("\nsoft,fairtat") && named.output.contains("\nstrict=ly,fairtat"), "\(named.output)")
    for (arguments, part) in [
      (["--label", "x", "--label", "y", "--label", "z"], "more labels than runs (2)"),
      (["--label", "x", "--label", "a=y"], "a is called 'x' already"), (["--label", ""], "an empty label"),
    ] {
      let outcome = try Program.run(["report", "a", "b"] + arguments, in: scene.folder)
      #expect(outcome.code == 64 && outcome.ownErrors.first?.contains(part) == true, "\(outcome.errors)")
    }
    #expect(try report("a", "--label", "my run").code == 0)
    #expect(try String(contentsOfFile: scene.path("a/report.html"), encoding: .utf8).contains("<h1>my run</h1>"))
  }

  @Test func oneDirectoryUnderTwoNamesIsOneRun() throws {
    try write("run")
    try FileManager.default.createSymbolicLink(atPath: scene.path("link"), withDestinationPath: "run")
    let outcome = try report("run", "link", "./run/", "--csv")
    #expect(outcome.code == 0 && outcome.ownErrors.count == 2, "\(outcome.errors)")
    #expect(outcome.ownErrors.allSatisfy { $0.contains("is the same directory as run: counted once") })
  }

  @Test func trainingNamesThePage() throws {
    let outcome = try scene.train()
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let last = try #require(outcome.output.split(separator: "\n").last)
    #expect(last == "the run lies in run, its page is run/report.html")
    #expect(FileManager.default.fileExists(atPath: scene.path("run/report.html")))
  }
}
