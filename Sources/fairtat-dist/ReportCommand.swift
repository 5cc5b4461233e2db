// `fairtat-dist report`.

import ArgumentParser
import Checkpoints
import Failures
import Foundation
import Reports

/// The subcommand `report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make the pages of runs anew, and compare runs.",
    discussion: """
      Writes report.html into every run directory; training does so itself after every epoch. Of several runs it also \
      prints a table: runs of the same recipe but for the seed become one row of means and standard deviations. Runs \
      that are not finished stay out of it.

        fairtat-dist report runs/synthetic-small-seed0
        fairtat-dist report runs/* --output comparison.html
        fairtat-dist report runs/* --csv --output comparison.csv
      """)

  @Argument(help: ArgumentHelp("Run directories.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("Write the comparison to a page, or with --csv to a table.", valueName: "file"))
  var output: String?

  @Flag(help: "The comparison as comma-separated values instead.")
  var csv = false

  func run() throws {
    try CommandOutcome.run {
      guard Speaker.isThisProcess else { return }
      // One directory named twice is one run.
      var seen = Set<String>()
      let paths = runs.filter { seen.insert(URL(fileURLWithPath: $0).standardizedFileURL.path).inserted }
      let records = try paths.map { path throws(Failure) in try RunRecord(directory: path) }
      for record in records {
        let file = RunDirectory(record.path).report
        try AtomicFile.write(RunPage(record).html, to: file)
        // With --csv standard output may be the table.
        if !csv || output != nil { print("wrote \(file)") }
      }
      let comparison = Comparison(records)
      if let output {
        try AtomicFile.write(csv ? comparison.csv : ComparisonPage(comparison).html, to: output)
        print("wrote \(output)")
      }
      if csv && output == nil {
        print(comparison.csv, terminator: "")
      } else if records.count > 1 {
        print("\n" + comparison.text(colour: TextTable.colourIsWelcome), terminator: "")
      }
    }
  }
}
