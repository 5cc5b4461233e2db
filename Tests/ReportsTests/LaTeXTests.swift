import Fairness
import Foundation
import Recipes
import Reports
import Testing

/// Tables as LaTeX: a strict reader takes them, and where there is one the compiler.
@Suite struct LaTeXTests {
  /// All that a table can hold, and texts from outside that mean something to LaTeX.
  private static let table: Table = {
    var table = Table(
      [.text("me_thod & co"), .number("50 % of #1"), .number("ε ≤ 8/255".replacingOccurrences(of: "≤", with: "<"))],
      caption: "L∞ balls {of} $8/255$, a\\b ~ c^2 – \"quoted\" … 2×3.")
    table.add([.text("* starred"), .number("1.00", mark: "*"), .number("–")])
    table.add([.text("[1] in brackets"), .number("2.00", deviation: "0.10", standing: .best), .number("3.0")])
    table.endSection()
    table.add([.text("grün | <b>"), .number("2.00", range: "1.0–3.0", mark: "*", standing: .second), .number("–")])
    table.add([.text("line\nbreak\u{1B}[0m"), .number(""), .number("-1")])
    table.note("* The average accepted no epoch.")
    table.note("Mean ± standard deviation over seeds, 95 %.")
    return table
  }()

  private static func result(_ row: String, _ seed: Int) throws -> RowResult {
    let entry = MadeUpRun.result(0.5, 0.25, 0.125, 0.0625)
    let text =
      "{\"recipe\":\"table1-cifar10-small-\(row)\",\"seed\":\"\(seed)\",\"changed\":[],\"epochs\":1,"
      + "\"accepted\":{\"fawa\":0},\"test\":{\"raw\":\(entry),\"fawa\":\(entry)}}"
    return try RowResult(json: Array(text.utf8))
  }

  /// One of each command.
  private static func tables() throws -> [String: String] {
    let results = try ["at", "fairtat", "clean"].flatMap { row in try [0, 1].map { ("f", try result(row, $0)) } }
    let rows = RowTable.tables(of: results).tables.map(\.table.latex).joined(separator: "\n")
    var texts = ["every cell": table.latex, "table1": rows]
    let evaluations = try ["AutoAttack", "Square-5000"].flatMap { attack in
      try ["at", "fairtat"].map { row in
        var evaluation = EvaluationTableTests.evaluation(row, attack: attack)
        evaluation.intervals = Bootstrap.intervals(EvaluationTableTests.half)
        evaluation.subject?.classNames = ["*cat & dog", "[dog]_#"]
        return ("f", try EvaluationTableTests.file(evaluation))
      }
    }
    for kind in [EvaluatedTable.table2, .table3] {
      texts[kind.rawValue] = EvaluationTable.tables(kind, of: evaluations).tables.map(\.table.latex).joined()
    }
    texts["figure1"] = CFPFigure.figures(of: evaluations).figures.map(\.table.latex).joined()
    let half = EvaluationTableTests.half
    texts["outcomes"] = OutcomeComparison([("a_b/x.npy", half), ("c~d%.npy", half)]).table.latex
    texts["table4"] = EvaluationTable.tables(.table4, of: [("f", try corruptions())]).tables.map { table in
      [table.table, table.details].compactMap { $0?.latex }.joined(separator: "\n")
    }.joined()
    return texts
  }

  private static func corruptions() throws -> EvaluationFile {
    let severities = (1...5).map { "{\"severity\":\($0),\"count\":10,\"class_count\":[4,6],\"class_correct\":[1,4]}" }
      .joined(separator: ",")
    let rows = (0..<18).map {
      "{\"name\":\"noise_\($0)\",\"severities\":[\(severities)]}"
    }
    let subject =
      "{\"recipe\":\"table1-cifar100-small-at\",\"seed\":\"0\",\"changed\":[],\"checkpoint\":\"best\",\"weights\":\"ema\","
      + "\"class_names\":[],\"data\":\"d\",\"digest\":\"e\",\"program\":\"p\"}"
    let json =
      "{\"corruptions\":[\(rows.joined(separator: ","))],\"model\":\(subject)}"
    return try EvaluationFile(json: Array(json.utf8))
  }

  @Test func aStrictReaderTakesThem() throws {
    let texts = try Self.tables()
    #expect(texts.count == 7)
    for (name, text) in texts {
      let document = LaTeXReader(text)
      #expect(document.fault == nil, "\(name): \(document.fault ?? "")\n\(text)")
      #expect(!document.tables.isEmpty && document.tables.allSatisfy { $0.count > 1 }, "\(name)")
    }
    let cells = try #require(LaTeXReader(Self.table.latex).tables.first)
    #expect(cells.count == 5 && cells.allSatisfy { $0.count == 3 } && cells[0][0] == "me_thod & co")
  }

  /// The reader sees what a compiler would not take, or take for something else.
  @Test(arguments: [
    "\\begin{tabular}{lr} a & b & c \\\\ \\end{tabular}", "\\begin{tabular}{lr} a \\\\ \\end{tabular}",
    "\\begin{tabular}{lr} a & b \\end{tabular}", "\\begin{tabular}{l} a_b \\\\ \\end{tabular}",
    "\\begin{tabular}{l} a \\\\ [b] \\\\ \\end{tabular}", "\\begin{table*}", "\\textbf{a", "a}", "#", "5 & 6", "$x",
    "\\foo",
    "L∞", "\\textless b", "\\begin{table*}\\begin{tabular}{l}\\end{table*}\\end{tabular}",
  ])
  func faultsAreSeen(text: String) {
    #expect(LaTeXReader(text).fault != nil)
  }

  private static let compiler = "/usr/bin/pdflatex"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: compiler))) func theCompilerTakesThem() throws {
    let folder = NSTemporaryDirectory() + "latex-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let tables = try Self.tables().sorted { $0.key < $1.key }.map(\.value).joined(separator: "\n")
    let text =
      "\\documentclass[twocolumn]{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{booktabs,graphicx}\n"
      + "\\begin{document}\n\(tables)\n\\end{document}\n"
    try text.write(toFile: folder + "/t.tex", atomically: false, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.compiler)
    process.arguments = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let log = (try? String(contentsOfFile: folder + "/t.log", encoding: .isoLatin1)) ?? ""
    let lines = log.split(separator: "\n")
    #expect(process.terminationStatus == 0, "\(lines.filter { $0.hasPrefix("!") || $0.hasPrefix("l.") })")
    #expect(!lines.contains { $0.contains("Missing character") })
  }
}
