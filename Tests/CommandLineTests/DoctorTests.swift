import Foundation
import Testing

/// `doctor` as a user starts it.
@Suite(.serialized) struct DoctorTests {
  static let keys = [
    "version", "mpi", "mpi-threads", "launcher", "ranks", "hosts", "cores", "binding", "threads", "quota", "build",
    "matrix-unit",
    "rounding", "openblas", "peak-gflops", "convolution-gflops", "winograd-gflops", "sgemm-gflops", "layout",
    "huge-pages", "memory", "disk",
  ]

  @Test func tableAndJSONSayTheSame() throws {
    let table = try Program.run("doctor", "--expect-ranks", "1")
    #expect(table.code == 0 && table.errors.isEmpty, "\(table.errors)")
    #expect(!table.output.contains("\u{1B}"))
    let object = try Self.object(try Program.run("doctor", "--json"))
    for key in Self.keys {
      let finding = try #require(object[key] as? [String: Any], "\(key)")
      let judgement = try #require(finding["judgement"] as? String)
      #expect(["ok", "note", "warning"].contains(judgement))
      #expect((judgement == "ok") == (finding["advice"] == nil))
      #expect(finding["value"] != nil && table.output.contains("\(key) "))
    }
    #expect((object["peak-gflops"] as? [String: Any])?["value"] as? Double ?? 0 > 1)
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func twoRanksPrintOnce() throws {
    let outcome = try Program.runRanks(Array(repeating: ["doctor", "--json", "--expect-ranks", "2"], count: 2))
    #expect(outcome.code == 0 && outcome.ownErrors.isEmpty, "\(outcome.errors)")
    let object = try Self.object(outcome)
    #expect((object["ranks"] as? [String: Any])?["value"] as? Int == 2)
    #expect(((object["binding"] as? [String: Any])?["value"] as? [String])?.count == 2)
    #expect((object["mpi-threads"] as? [String: Any])?["judgement"] as? String == "ok")
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func threadsBeyondTheCoresAreAWarning() throws {
    let outcome = try Program.runRanks(Array(repeating: ["doctor", "--json", "--threads", "1000"], count: 2))
    let object = try Self.object(outcome)
    #expect(outcome.code == 0 && (object["threads"] as? [String: Any])?["judgement"] as? String == "warning")
  }

  @Test func anErrorEndsWithTheCodeOfTheRun() throws {
    let outcome = try Program.run("doctor", "--expect-ranks", "3")
    #expect(outcome.code == 78 && outcome.ownErrors.count == 1)
    #expect(outcome.output.contains("a run would not start like this"))
    let environment = ["OMPI_COMM_WORLD_SIZE": "2"]
    let first = try Program.run(["doctor"], environment: environment.merging(["OMPI_COMM_WORLD_RANK": "0"]) { $1 })
    #expect(first.code == 78 && first.ownErrors.count == 1 && first.output.contains("error ranks: the launcher"))
    // No launcher is to be seen that would have started the first one.
    let second = try Program.run(["doctor"], environment: environment.merging(["OMPI_COMM_WORLD_RANK": "1"]) { $1 })
    #expect(second.code == 78 && second.errors == first.errors && !second.output.isEmpty)
  }

  private static func object(_ outcome: Program.Outcome) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
  }
}
