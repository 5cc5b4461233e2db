// Runs of the same recipe and seed: counted once, and shouted about where their bits differ.

import Foundation
import Reports
import Testing

@Suite struct RepeatedRunTests {
  private func run(
    _ path: String, digest: String? = "d1", seed: Int = 0, robust: Double = 0.5, version: String = "9.9",
    reduction: String = "tree", ranks: Int = 3
  ) -> RunRecord {
    let test = "{\"raw\":\(MadeUpRun.result(0.5, robust, 0.25, 0.125))}"
    let named = digest.map { "\"digest\":\"\($0)\"" } ?? "\"none\":0"
    let metrics = MadeUpRun.epoch(0, best: true, test: test).replacingOccurrences(of: "\"digest\":\"d1\"", with: named)
    return RunRecord(
      path: path, metrics: metrics,
      recipe: MadeUpRun.recipe(epochs: 1, seed: seed) + "\nengine:\n  reduction: \(reduction)\n",
      environment: "{\"recipe\":\"small\",\"version\":\"\(version)\",\"ranks\":\(ranks),\"builtFor\":\"AVX\(ranks)\"}")
  }

  @Test func theSameRunCountsOnce() throws {
    let comparison = Comparison([run("a"), run("b"), run("c", seed: 1), run("d")])
    let row = try #require(comparison.rows.first)
    #expect(row.seeds == ["0", "1"] && row.contradicted == 0 && row.spreads[.robust]?.count == 2)
    #expect(
      comparison.remarks == [
        Remark("a and b are the same run (recipe, seed and digest): counted once"),
        Remark("a and d are the same run (recipe, seed and digest): counted once"),
      ])
    let rows = try #require(WellFormed(ComparisonPage(comparison).html)).all("td").map(\.text)
    #expect(rows.filter { $0 == "no: the same run" }.count == 2)
  }

  @Test func otherBitsAreShouted() throws {
    let comparison = Comparison([
      run("a", digest: "0123456789abcdef", robust: 0.25), run("b", digest: "fedcba9876543210", robust: 0.75, ranks: 4),
    ])
    let row = try #require(comparison.rows.first)
    // The first one counts, and only that.
    #expect(row.contradicted == 1 && row.spreads[.robust] == Spread([0.25]))
    let remark = try #require(comparison.remarks.first)
    #expect(remark.isWarning && remark.text.hasPrefix("WARNING: a and b have the same recipe and seed 0"))
    for part in ["(0123456789ab, fedcba987654)", "instruction set (AVX3, AVX4)", "only a is counted"] {
      #expect(remark.text.contains(part), "\(remark.text)")
    }
    // With the fixed tree the number of ranks explains nothing; with MPI's own sums it does.
    #expect(!remark.text.contains("ranks (3, 4)"))
    let byMPI = Comparison([run("a", reduction: "mpi"), run("b", digest: "d2", reduction: "mpi", ranks: 4)])
    #expect(byMPI.remarks[0].text.contains("ranks (3, 4)"))
    #expect(comparison.text(colour: false).contains("1!"))
    #expect(comparison.csv.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix(",1") })
    #expect(ComparisonPage(comparison).html.contains("no: other digest"))
    let alike = Comparison([run("a"), run("b", digest: "d2")])
    #expect(alike.remarks[0].text.contains("nothing in environment.json explains it"))
  }

  @Test func withoutADigestNobodyKnows() {
    let comparison = Comparison([run("a", digest: nil), run("b")])
    #expect(comparison.remarks == [Remark("a and b are the same run (recipe and seed): counted once")])
  }

  @Test func anotherVersionIsAnotherRow() {
    let comparison = Comparison([run("a"), run("b", seed: 1, version: "10.0")])
    #expect(comparison.groups.map(\.name) == ["fairtat, version 9.9", "fairtat, version 10.0"])
    #expect(comparison.remarks.isEmpty)
  }
}
