// `fairtat-dist report table1`.

import ArgumentParser
import Checkpoints
import Communication
import Failures
import Platform
import Reports

/// The subcommand `report table1`.
struct ReportTable1Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table1",
    abstract: "Print the paper's Table 1 from runs of its rows.",
    discussion: """
      Clean and robust accuracy on test images after the last epoch, overall and of the worst class (from 100 \
      classes on: the mean of the worst tenth), the weights as trained beside their averages, seeds pooled as mean and \
      standard deviation. The best of a figure is bold, the second underlined; plain training does not compete. One \
      table for each setting.

      A run counts where its recipe is table1-SETTING-ROW and nothing that decides the result was changed. In place of a \
      run stands the small file that --save made of it.

        fairtat-dist report table1 runs/table1-* --save results
        fairtat-dist report table1 results/*.json --format latex --output table1.tex
      """)

  @Argument(help: ArgumentHelp("Run directories, or files that --save wrote.", valueName: "run"))
  var runs: [String]

  @Option(help: "markdown, csv, latex or html.")
  var format = TableFormat.markdown

  @Option(help: ArgumentHelp("Write the tables to this file.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Keep the result of each run in this directory, as RECIPE-seedN.json.", valueName: "dir"))
  var save: String?

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let place = try ReportOutput(output)
      var results: [(place: String, result: RowResult)] = []
      for path in runs {
        do throws(Failure) {
          results.append((path, try Self.result(path)))
        } catch {
          CommandOutcome.say("\(path) is left out: \(error.message)")
        }
      }
      let keptAll = try save.map { try keep(results.map(\.result), in: $0) } ?? true
      let (tables, remarks) = RowTable.tables(of: results)
      for remark in remarks { CommandOutcome.say(remark.text) }
      guard !tables.isEmpty else {
        throw Failure(.badData, "none of the \(runs.count) is a finished run of a row of Table 1")
      }
      try place.write(
        format.text(tables.map(\.table), csv: RowTable.csvHead + tables.map(\.csv).joined(), title: "Table 1"))
      if !keptAll { throw Failure(.cannotCreate, "not all results are in \(save ?? "")") }
    }
  }

  private static func result(_ path: String) throws(Failure) -> RowResult {
    if FileSystem.status(of: path) != nil && !FileSystem.isDirectory(path) {
      return try RowResult(json: try FileReader(path).bytes(upTo: 1 << 24))
    }
    return try RowResult(try RunRecord(directory: path))
  }

  /// Writes the results; another one that lies there in a file's place stays.
  ///
  /// - Returns: whether all could be kept.
  private func keep(_ results: [RowResult], in directory: String) throws -> Bool {
    try FileSystem.makeDirectories(directory)
    var keptAll = true
    for result in results {
      let path = Path.join(directory, result.fileName)
      if !result.changed.isEmpty {
        let changes = result.changed.joined(separator: "; ")
        CommandOutcome.say("\(result.fileName) is not written: the run is not the row, but has \(changes)")
        keptAll = false
        continue
      }
      if FileSystem.status(of: path) != nil {
        let other = FileSystem.bytes(of: path, limit: 1 << 24).flatMap { try? RowResult(json: $0) }
        if other == result { continue }
        guard let other, other.digest == result.digest else {
          let what = other == nil ? "is no result of a row" : "is of a run with another digest"
          CommandOutcome.say("\(path) \(what) and stays: move it away, or save elsewhere")
          keptAll = false
          continue
        }
      }
      try AtomicFile.write(try result.json, to: path)
    }
    return keptAll
  }
}
