// Several runs: who belongs together, and means and deviations computed by hand.

import Reports
import Testing

@Suite struct ComparisonTests {
  private func run(seed: Int, robust: Double, epochs: Int = 1, method: String = "fairtat", logEvery: Int = 10)
    -> RunRecord
  {
    let results = "{\"raw\":\(MadeUpRun.result(0.5, robust, 0.25, 0.125))}"
    let metrics = MadeUpRun.epoch(0, best: true, test: results)
    return MadeUpRun.run(
      metrics: metrics, recipe: MadeUpRun.recipe(epochs: epochs, seed: seed, method: method, logEvery: logEvery),
      path: "runs/\(method)-\(seed)")
  }

  @Test func spread() throws {
    // Mean 5; squared deviations 9, 1, 1, 1, 0, 0, 4, 16 sum to 32, over 7.
    let spread = try #require(Spread([2, 4, 4, 4, 5, 5, 7, 9]))
    #expect(spread.mean == 5 && spread.count == 8)
    let deviation = try #require(spread.deviation)
    #expect(abs(deviation - 2.138_089_935_299_395) < 1e-15)
    #expect(Spread([3]) == Spread([3]) && Spread([3])?.deviation == nil && Spread([]) == nil)
  }

  @Test func seedsOfARecipeAreOneRow() throws {
    // The second recipe differs in what it trains; of the first, one run only logs more often.
    let comparison = Comparison([
      run(seed: 10, robust: 0.40), run(seed: 0, robust: 0.50, method: "at"), run(seed: 2, robust: 0.44, logEvery: 1),
      run(seed: 3, robust: 0.48),
    ])
    #expect(comparison.groups.map(\.name) == ["fairtat", "at"])
    #expect(comparison.groups.map { $0.runs.count } == [3, 1])
    let row = try #require(comparison.rows.first)
    #expect(row.moment == .last && row.split == .test && row.weights == "raw" && row.seeds == ["2", "3", "10"])
    let robust = try #require(row.spreads[.robust])
    // 0.40, 0.44, 0.48: mean 0.44; (0.0016 + 0 + 0.0016) / 2 = 0.0016.
    let deviation = try #require(robust.deviation)
    #expect(abs(robust.mean - 0.44) < 1e-15 && abs(deviation - 0.04) < 1e-15)
    #expect(row.spreads[.clean]?.deviation == 0)
    #expect(comparison.rows.count == 4)

    let lines = comparison.text(colour: false).split(separator: "\n")
    #expect(lines[2].contains("44.00 ± 4.00") && lines[2].contains("50.00 ± 0.00"))
    // One run has no deviation.
    #expect(lines[4].hasPrefix("at ") && lines[4].contains("50.00") && !lines[4].contains("±"))
    let page = try #require(WellFormed(ComparisonPage(comparison).html))
    #expect(page.all("td").contains { $0.text == "44.00 ± 4.00" } && page.all("h1")[0].text == "4 runs of 2 recipes")
    #expect(page.all("svg").count == 4)
  }

  @Test func asValuesForPrograms() throws {
    let comparison = Comparison([run(seed: 0, robust: 0.25), run(seed: 1, robust: 0.75)])
    let lines = comparison.csv.split(separator: "\n").map { CSV.fields(String($0)) }
    #expect(
      lines[0].joined(separator: ",")
        == "recipe,method,model,epoch,split,weights,unaccepted,runs,seeds,clean_mean,clean_deviation,robust_mean,"
        + "robust_deviation,clean_worst_mean,clean_worst_deviation,robust_worst_mean,robust_worst_deviation,"
        + "contradicted")
    #expect(
      lines[1] == [
        "small", "fairtat", "preactresnet18, width 16", "last", "test", "raw", "0", "2", "0 1", "0.5", "0.0", "0.5",
        "\(0.125.squareRoot())", "0.25", "0.0", "0.125", "0.0", "0",
      ])
    #expect(Comparison([run(seed: 0, robust: 0.25)]).csv.contains(",0.25,,"))
  }

  @Test func whatCannotStandBesideOthersIsLeftOut() throws {
    let begun = MadeUpRun.run(metrics: MadeUpRun.step(0, 2) + "\n", path: "runs/begun")
    let damaged = MadeUpRun.run(
      metrics: "{\"kind\":\"epoch\",\"epoch\":0,\"step\":-4}\n" + MadeUpRun.metrics, path: "runs/damaged")
    let comparison = Comparison([
      run(seed: 0, robust: 0.25), run(seed: 1, robust: 0.75, epochs: 9), begun, damaged,
    ])
    #expect(comparison.rows.allSatisfy { $0.seeds == ["0"] } && !comparison.rows.isEmpty)
    #expect(
      comparison.remarks.map(\.text) == [
        "runs/fairtat-1 is left out: not finished: 1 of 9 epochs are over",
        "runs/begun is left out: just begun: no epoch is over",
        "runs/damaged is left out: damaged: runs/damaged/metrics.jsonl:1: step is -4, not a count from 1 on",
      ])
    #expect(ComparisonPage(comparison).html.contains("not finished: 1 of 9 epochs are over"))
  }
}
