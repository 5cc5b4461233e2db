// The page of a run: its numbers are those of the lines, whatever state the files are in.

import Failures
import Foundation
import Reports
import Testing

@Suite struct RunPageTests {
  private func page(_ run: RunRecord) throws -> WellFormed { try #require(WellFormed(RunPage(run).html)) }

  /// The rows of all tables as texts.
  private func rows(_ run: RunRecord) throws -> [[String]] {
    var rows: [[String]] = []
    for element in try page(run).elements {
      if element.name == "tr" { rows.append([]) }
      if element.name == "td" { rows[rows.count - 1].append(element.text) }
    }
    return rows
  }

  @Test func numbersAreThoseOfTheLines() throws {
    let run = MadeUpRun.run()
    let rows = try rows(run)
    #expect(rows.contains(["2: last epoch", "test", "raw", "72.21", "42.22", "32.23", "12.24"]))
    #expect(rows.contains(["2: last epoch", "test", "EMA", "73.31", "43.32", "33.33", "13.34"]))
    #expect(
      rows.contains([
        "2: last epoch", "test", "FAWA (accepted no epoch: the raw weights)", "74.41", "44.42", "34.43", "14.44",
      ]))
    #expect(rows.contains(["2: last epoch", "validation", "raw", "71.11", "41.12", "31.13", "11.14"]))
    #expect(rows.contains(["1: best by validation", "validation", "raw", "61.01", "42.02", "31.03", "21.04"]))
    // Class by class, the worst first: test accuracies, then those of the training batches.
    let cat = ["0", "cat, <b>\"fat\" & 'old'</b>", "32.23", "12.24", "12.50", "41.67", "50.00", "4.875", "11"]
    let dog = ["1", "dog", "93.75", "81.25", "37.50", "58.33", "50.00", "6.250", "13"]
    #expect(rows.filter { $0.count == 9 } == [cat, dog])

    let page = try page(run)
    let tiles = page.all("b").map(\.text)
    for tile in ["72.21 %", "42.22 %", "32.23 %", "12.24 %"] { #expect(tiles.contains(tile)) }
    for fact in ["fairtat", "preactresnet18, width 16", "3 of 2 threads", "2026-01-02 03:04 UTC"] {
      #expect(tiles.contains(fact), "\(fact)")
    }
    #expect(page.all("h1").map(\.text) == ["small"] && page.all("title")[0].text == "small, seed 0")
    #expect(page.all("dd").map(\.text).contains("a (2 ranks), b (1 rank)"))
    #expect(page.all("pre").map(\.text) == [MadeUpRun.recipe()])
    // Attack 8 s and training 2 s of which statistics are 1 s; 10.75 s in all.
    #expect(page.all("small").contains { $0.text.contains("attack 67.0 %, training 16.7 %, statistics 9.3 %") })
  }

  @Test func itNeedsNothingFromOutside() throws {
    let page = try page(MadeUpRun.run())
    #expect(page.all("script").isEmpty && page.all("img").isEmpty && page.all("link").isEmpty)
    #expect(page.elements.allSatisfy { $0.attributes["src"] == nil && $0.attributes["href"] == nil })
    let html = RunPage(MadeUpRun.run()).html
    #expect(html.contains("prefers-color-scheme:dark") && html.contains("@media print"))
    #expect(!html.contains("@import") && !html.contains("url("))
    #expect(page.all("svg").count == 10)
  }

  @Test func aTruncatedLastLineIsLeftOut() throws {
    let whole = MadeUpRun.run()
    let cut = MadeUpRun.run(metrics: MadeUpRun.metrics + String(MadeUpRun.epoch(2).prefix(300)))
    #expect(cut.log.epochs == whole.log.epochs && cut.log.steps == whole.log.steps)
    #expect(whole.log.unreadable == 0 && cut.log.unreadable == 1)
    #expect(try page(cut).all("p").contains { $0.text.contains("A line of metrics.jsonl could not be read") })
  }

  @Test func anyCutOfTheLogHasAPage() throws {
    let metrics = MadeUpRun.metrics
    for length in stride(from: 0, through: metrics.count, by: 97) {
      let run = MadeUpRun.run(metrics: String(metrics.prefix(length)))
      #expect(WellFormed(RunPage(run).html) != nil, "\(length)")
    }
    #expect(try page(MadeUpRun.run(metrics: "")).all("p").contains { $0.text == "No epoch is over yet." })
  }

  @Test func keysThatAreMissingOrNewDoNoHarm() throws {
    let metrics = """
      {"kind":"epoch","epoch":0}
      {"kind":"step","epoch":1,"step":5,"seconds":{"attack":1},"new":{"deep":[1]}}
      {"kind":"something"}
      {"kind":"epoch","epoch":1,"train":{},"validation":{"raw":{"robust_accuracy":0.5}},"test":{"odd <name>":{}}}
      """
    let run = RunRecord(path: "somewhere/run", metrics: metrics)
    #expect(run.log.unreadable == 0 && run.log.epochs.count == 2 && run.name == "run" && run.isFinished == nil)
    let rows = try rows(run)
    #expect(rows.contains(["2: last epoch", "validation", "raw", "–", "50.00", "–", "–"]))
    #expect(rows.contains(["2: last epoch", "test", "ODD <NAME>", "–", "–", "–", "–"]))
  }

  @Test func ofRepeatedLinesTheLastCounts() {
    let run = MadeUpRun.run(metrics: MadeUpRun.metrics + MadeUpRun.step(0, 2, loss: 9) + "\n")
    #expect(run.log.steps.count == 4 && run.log.steps[0].loss == 9)
  }

  @Test func aRunUnderWaySaysSo() throws {
    let run = MadeUpRun.run(recipe: MadeUpRun.recipe(epochs: 5))
    #expect(run.isFinished == false)
    #expect(try page(run).all("p").contains { $0.text == "Not finished: 2 of 5 epochs are over." })
    #expect(try page(MadeUpRun.run()).all("p").allSatisfy { !$0.text.contains("Not finished") })
  }

  @Test func aHundredClasses() throws {
    let accuracies = (0..<100).map { Double($0) / 100 }.description
    let line = """
      {"kind":"epoch","epoch":0,"step":1,"train":{"class_count":\([Int](repeating: 1, count: 100)),\
      "class_correct":\([Int](repeating: 0, count: 100))},"test":{"raw":{"robust_accuracy":0.5,"clean_accuracy":0.5,\
      "class_clean":\(accuracies),"class_robust":\(accuracies)}}}
      """
    let run = RunRecord(path: "k100", metrics: line)
    #expect(run.worstClasses == Array(0..<10))
    let worst = try page(run).all("tr").filter { $0.attributes["class"] == "worst" }
    #expect(worst.count == 10)
    #expect(try rows(run).filter { $0.count == 5 }.count == 100)
  }

  @Test func aFolderWithoutARunIsRefused() {
    #expect(throws: Failure.self) { try RunRecord(directory: "/nowhere/at all") }
  }
}
