// The paper's table from results made up here: which runs count, means and deviations by hand, what stands out.

import Foundation
import Recipes
import Reports
import Testing

@Suite struct RowTableTests {
  private func entry(_ clean: Double, _ robust: Double) -> String {
    MadeUpRun.result(clean, robust, clean / 2, robust / 2)
  }

  private func result(
    _ row: String, seed: Int = 0, clean: Double, robust: Double, ema: (Double, Double)? = nil, digest: String = "d",
    changed: String = "", setting: String = "cifar10-small", accepted: String = "{\"ema\":7,\"fawa\":2}",
    definition: [String]? = nil
  ) throws -> RowResult {
    let average = ema.map { ",\"ema\":\(entry($0.0, $0.1))" } ?? ""
    let lines = definition ?? RowDefinition(ofRow: "table1-\(setting)-\(row)")?.lines ?? []
    return try RowResult(
      json: Array(
        """
        {"recipe":"table1-\(setting)-\(row)","seed":"\(seed)","digest":"\(digest)","data_digest":"x",\
        "changed":[\(changed)],"definition":\(lines),"epochs":10,"training_seconds":90,"accepted":\(accepted),\
        "test":{"raw":\(entry(clean, robust))\(average)}}
        """.utf8))
  }

  @Test func meansBestAndSecond() throws {
    let results = [
      // Robust 40, 42, 44: mean 42, deviation 2; clean 60, 60, 63: mean 61, deviation sqrt 3.
      try result("at", seed: 0, clean: 0.60, robust: 0.40, ema: (0.5, 0.25)),
      try result("at", seed: 1, clean: 0.60, robust: 0.42), try result("at", seed: 2, clean: 0.63, robust: 0.44),
      try result("fairtat", clean: 0.70, robust: 0.38), try result("trades", clean: 0.61, robust: 0.50),
      try result("dafa", clean: 0.55, robust: 0.41), try result("clean", clean: 0.90, robust: 0),
    ]
    let (tables, remarks) = RowTable.tables(of: results.map { ("a", $0) })
    #expect(remarks.isEmpty && tables.count == 1)
    // Method, seeds, three sets of weights of four figures each, minutes.
    let lines = tables[0].table.markdown.split(separator: "\n").dropFirst().map { line in
      line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
    }
    #expect(lines[0].count == 15 && lines[0][2...4] == ["clean", "clean, EMA", "clean, FAWA"])
    let rows = Dictionary(uniqueKeysWithValues: lines.dropFirst(2).filter { $0.count == 15 }.map { ($0[0], $0) })
    #expect(lines.dropFirst(2).map { $0[0] }.prefix(5) == ["AT", "FAIR-TAT", "TRADES", "DAFA", "plain training"])
    // Plain training has the highest clean accuracy and does not compete; ties in the second place are both second.
    #expect(rows["AT"]?[1...4] == ["3", "<ins>61.00</ins> ± 1.73", "50.00", "–"])
    #expect(rows["TRADES"]?[2] == "<ins>61.00</ins>" && rows["FAIR-TAT"]?[2] == "**70.00**")
    #expect(rows["plain training"]?[2] == "90.00" && rows["plain training"]?[14] == "1.5")
    #expect(rows["AT"]?[8...9] == ["<ins>42.00</ins> ± 2.00", "25.00"] && rows["TRADES"]?[8] == "**50.00**")
    #expect(rows["TRADES"]?[5] == "30.50" || rows["TRADES"]?[5] == "<ins>30.50</ins>")

    let latex = tables[0].table.latex
    #expect(latex.contains("\\textbf{70.00}") && latex.contains("\\underline{61.00} {\\scriptsize$\\pm$ 1.73}"))
    // Rows of the paper, those beside them, plain training: rules between the three, one under the head.
    #expect(latex.split(separator: "\n").filter { $0 == "\\midrule" }.count == 3)
    #expect(latex.contains("\\begin{tabular}{lrrrrrrrrrrrrrr}"))

    let csv = (RowTable.csvHead + tables[0].csv).split(separator: "\n").map { CSV.fields(String($0)) }
    #expect(csv.count == 7 && csv.allSatisfy { $0.count == csv[0].count })
    #expect(csv[1][0...5] == ["cifar10-small", "at", "paper", "AT", "raw", "0"] && csv[1][7] == "0 1 2")
    #expect(csv[2][4] == "ema" && csv[2][6...7] == ["1", "0"])
    let robust = try #require(csv[0].firstIndex(of: "robust_mean"))
    let mean = try #require(Double(csv[1][robust])), deviation = try #require(Double(csv[1][robust + 1]))
    #expect(abs(mean - 0.42) < 1e-15 && abs(deviation - 0.02) < 1e-15)
  }

  /// Worst tenths of a hundred classes are all 0.
  @Test func nobodyLeadsWhereAllAreAlike() throws {
    let results = [try result("at", clean: 0.6, robust: 0), try result("fairtat", clean: 0.7, robust: 0)]
    let text = RowTable.tables(of: results.map { ("a", $0) }).tables[0].table.markdown
    #expect(text.contains("**70.00**") && text.contains("<ins>60.00</ins>"))
    #expect(!text.contains("**0.00**") && !text.contains("<ins>0.00</ins>"))
  }

  @Test func whatCounts() throws {
    let at = try result("at", clean: 0.6, robust: 0.4)
    let results = [
      ("first", at), ("same", at), ("other", try result("at", clean: 0.5, robust: 0.3, digest: "e")),
      ("short", try result("fat", clean: 0.9, robust: 0.9, changed: "\"training.epochs 3\"")),
      ("hundred", try result("at", clean: 0.3, robust: 0.1, setting: "cifar100-small")),
      ("idle", try result("wat", clean: 0.3, robust: 0.1, accepted: "{\"ema\":7,\"raw\":0}")),
    ]
    let (tables, remarks) = RowTable.tables(of: results)
    #expect(tables.map(\.setting.name) == ["cifar10-small", "cifar100-small"])
    #expect(tables[0].lines.map(\.row.name) == ["at", "wat"] && tables[0].lines[0].seeds == ["0"])
    #expect(remarks.count == 3 && remarks.map(\.isWarning) == [false, true, false])
    #expect(remarks.contains { $0.text == "short is left out: it is not the row, but has training.epochs 3" })
    #expect(tables[1].table.caption.contains("worst tenth"))
    #expect(tables[0].table.markdown.contains("60.00") && !tables[0].table.markdown.contains("55.00"))
    #expect(!tables[0].table.markdown.contains("The average"))
    // FAWA that took in nothing shows the raw weights, and says so.
    let text =
      "{\"recipe\":\"table1-cifar10-small-at\",\"seed\":\"0\",\"changed\":[],\"epochs\":1,\"accepted\":{\"fawa\":0},"
      + "\"test\":{\"raw\":\(entry(0.5, 0.25)),\"fawa\":\(entry(0.5, 0.25))}}"
    let idle = try RowResult(json: Array(text.utf8))
    let table = try #require(RowTable.tables(of: [("a", idle)]).tables.first).table
    #expect(table.markdown.contains("50.00\\*") && table.markdown.contains("\n\\* The average accepted no epoch"))
    #expect(table.latex.contains("50.00$^{*}$"))
  }

  /// Rows change between versions; a result of another one counts and is warned of.
  @Test func otherDefinitionsAreNoticed() throws {
    let today = try #require(RowDefinition(ofRow: "table1-cifar10-small-at"))
    #expect(RowDefinition(lines: today.lines) == today && today.lines.contains("training.epochs 10"))
    #expect(!today.lines.contains { $0.hasPrefix("data.path") || $0.hasPrefix("training.seed") })
    // A key that the row's method has and others have not, of which the older program knew nothing.
    let trades = try #require(RowDefinition(ofRow: "table1-cifar10-small-trades"))
    #expect(trades.lines.contains("attack.start normal"))
    #expect(RowDefinition(lines: trades.lines.filter { !$0.hasPrefix("attack.start") }) == trades)
    var other = today.lines.map { $0 == "training.epochs 10" ? "training.epochs 12" : $0 }
    // A key with today's default that the older program did not have, and one that is not known any more.
    other.removeAll { $0.hasPrefix("training.clip-norm") }
    other.append("method.forgotten 3")
    let (tables, remarks) = RowTable.tables(of: [
      ("new", try result("at", clean: 0.5, robust: 0.25)),
      ("old", try result("at", seed: 1, clean: 0.5, robust: 0.25, definition: other)),
    ])
    #expect(tables[0].lines[0].seeds == ["0", "1"])
    #expect(remarks.count == 1 && remarks[0].isWarning)
    #expect(
      remarks[0].text
        == "WARNING: old was made when table1-cifar10-small-at was another row (method.forgotten 3, today –; "
        + "training.epochs 12, today 10): move it away and run the row anew")
    // Files of programs that did not say it: one line for all.
    let text =
      "{\"recipe\":\"table1-cifar10-small-at\",\"seed\":\"SEED\",\"changed\":[],\"epochs\":1,"
      + "\"test\":{\"raw\":\(entry(0.5, 0.25))}}"
    let silent = try ["0", "1", "2"].map { seed in
      ("f\(seed)", try RowResult(json: Array(text.replacingOccurrences(of: "SEED", with: seed).utf8)))
    }
    #expect(
      RowTable.tables(of: silent).remarks.map(\.text) == [
        "f0 and 2 more do not say what the row was that made it, as older programs did not"
      ])
    for lines in [[], [""], [" "], ["training.epochs"], ["a b c", "a b c"]] {
      _ = RowTable.tables(of: [("x", try result("at", clean: 0.5, robust: 0.25, definition: lines))])
    }
  }

  @Test func resultsOfRuns() throws {
    let document = try #require(PaperTable.recipes.first { $0.name == "table1-cifar10-small-fat" })
    let environment = "{\"recipe\":\"table1-cifar10-small-fat\",\"data_digest\":\"abc\",\"ranks\":2,\"threads\":1}"
    func run(_ recipe: String, epochs: Int = 10) -> RunRecord {
      let lines = (0..<epochs).map { MadeUpRun.epoch($0, test: "{\"raw\":\(entry(0.5, 0.25))}") + "\n" }
      return RunRecord(path: "runs/x", metrics: lines.joined(), recipe: recipe, environment: environment)
    }
    let result = try RowResult(run(document.yaml()))
    // 16 images an epoch at 123.5 a second.
    #expect(result.changed.isEmpty && result.epochs == 10 && result.trainingSeconds == 1)
    #expect(result.fileName == "table1-cifar10-small-fat-seed0.json")
    #expect(try RowResult(json: Array(try result.json.utf8)) == result)

    let other = document.yaml().split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("  momentum:") ? "  momentum: 0.8" : line.hasPrefix("  log-every:") ? "  log-every: 1" : line
    }
    #expect(try RowResult(run(other.joined(separator: "\n"))).changed == ["training.momentum 0.8"])
    #expect(throws: (any Error).self) { try RowResult(run(document.yaml(), epochs: 9)) }
    #expect(throws: (any Error).self) { try RowResult(MadeUpRun.run()) }
    for text in ["", "{}", "[1]", "{\"recipe\":\"table1-cifar10-small-at\"}", "\u{0}"] {
      #expect(throws: (any Error).self) { try RowResult(json: Array(text.utf8)) }
    }
    // FRL starts from the row at of its own seed.
    let frl = try #require(PaperTable.recipes.first { $0.name == "table1-cifar10-small-frl-reweight" })
    func changes(_ start: String) throws -> [String] {
      let recipe = frl.yaml().split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.hasPrefix("  start-from:") ? "  start-from: \(start)" : "\(line)"
      }
      let lines = (0..<2).map { MadeUpRun.epoch($0, test: "{\"raw\":\(entry(0.5, 0.25))}") + "\n" }
      return try RowResult(
        RunRecord(
          path: "runs/x", metrics: lines.joined(), recipe: recipe.joined(separator: "\n"),
          environment: "{\"recipe\":\"\(frl.name)\"}")
      ).changed
    }
    #expect(try changes("elsewhere/table1-cifar10-small-at-seed0").isEmpty)
    for other in ["runs/table1-cifar10-small-at-seed1", "runs/table1-cifar10-small-trades-seed0"] {
      #expect(try changes(other) == ["model.start-from \(other)"])
    }

    let false1 = "{\"recipe\":\"table1-mnist-at\",\"seed\":\"0\",\"changed\":[],\"epochs\":1}"
    let false2 =
      "{\"recipe\":\"table1-cifar10-at\",\"seed\":\"0\",\"changed\":[],\"epochs\":1,\"test\":{\"raw\":{\"clean_accuracy\":7}}}"
    let false3 = "{\"recipe\":\"table1-cifar10-at\",\"seed\":\"/../../x\",\"changed\":[],\"epochs\":1}"
    for text in [false1, false2, false3] { #expect(throws: (any Error).self) { try RowResult(json: Array(text.utf8)) } }
  }
}
