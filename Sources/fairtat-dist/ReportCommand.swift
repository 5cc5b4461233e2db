// `fairtat-dist report`.

import ArgumentParser
import Checkpoints
import Communication
import Failures
import Platform
import Reports

/// The subcommand `report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make the pages of runs anew, compare runs, and print the paper's tables.",
    discussion: """
      With run directories alone it makes pages and compares: that is `report pages`, whose --help names the options \
      --output, --csv and --label. A run directory called as a subcommand is given as ./pages.

        fairtat-dist report runs/*
        fairtat-dist report table1 runs/*
      """,
    subcommands: [
      ReportPagesCommand.self, ReportTable1Command.self, ReportTable2Command.self, ReportTable3Command.self,
      ReportTable4Command.self, ReportFigure1Command.self, ReportOutcomesCommand.self,
      ReportScalingCommand.self,
    ],
    defaultSubcommand: ReportPagesCommand.self)
}

/// The subcommand `report pages`.
struct ReportPagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pages",
    abstract: "Make the pages of runs anew, and compare runs.",
    discussion: """
      Of one run it writes the page, report.html in its directory; training does so itself after every epoch. Of several \
      runs it writes their pages, and prints a table: runs of the same recipe but for the seed become one row of means \
      and standard deviations, named by the method and the keys that differ between the rows. Of each recipe and seed \
      one run counts; others with the same digest are mentioned, with another one warned about. Runs that are damaged, \
      unfinished or just begun are left out with a line.

      With --output or --csv it writes that file or table and nothing else.

        fairtat-dist report runs/synthetic-small-seed0
        fairtat-dist report runs/* --output comparison.html
        fairtat-dist report runs/* --csv --output comparison.csv
        fairtat-dist report plain soft --label FAIR-TAT --label softmax
        fairtat-dist report runs/* --label runs/wide-seed0=wide
      """)

  @Argument(help: ArgumentHelp("Run directories.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "Write the comparison, or the page of a single run, to this file; with --csv as a table.", valueName: "file"))
  var output: String?

  @Flag(help: "The comparison as comma-separated values instead.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      "Call the row of a run so: RUN=TEXT for the run of that name, or TEXT for the runs in their order. Repeatable.",
      valueName: "text"))
  var label: [String] = []

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let labels = try RunLabels(label, runs: runs)
      let place = try ReportOutput(output)
      if runs.count == 1 && !csv {
        try page(labels, into: place)
      } else {
        try compare(labels, into: place)
      }
    }
  }

  /// The page of a single run.
  private func page(_ labels: RunLabels, into output: ReportOutput) throws {
    var record = try RunRecord(directory: runs[0])
    if let damage = record.damage {
      throw Failure(.badData, "\(damage): put back a good copy, or delete what is damaged")
    }
    record.label = labels[0]
    if output.isNamed { return try output.write(RunPage(record).html) }
    let place = RunDirectory(record.path).report
    do {
      try AtomicFile.write(RunPage(record).html, to: place)
    } catch let failure as Failure {
      throw Failure(failure.code, "\(failure.message); write the page elsewhere with --output FILE")
    }
    try StandardStream.output.write(PlainText.line("wrote \(place)") + "\n")
  }

  /// The comparison of several runs, or a table of one.
  private func compare(_ labels: RunLabels, into output: ReportOutput) throws {
    var records: [RunRecord] = []
    var remarks: [Remark] = []
    var seen: [String: String] = [:]
    for (index, path) in runs.enumerated() {
      let place = FileSystem.realPath(path) ?? path
      if let first = seen[place] {
        remarks.append(Remark("\(path) is the same directory as \(first): counted once"))
        continue
      }
      seen[place] = path
      do throws(Failure) {
        var record = try RunRecord(directory: path)
        record.label = labels[index]
        records.append(record)
      } catch {
        remarks.append(Remark("\(path) is left out: \(error.message)"))
      }
    }
    let comparison = Comparison(records, remarks: remarks)
    if !output.isNamed && !csv { try writePages(records) }
    for remark in comparison.remarks { CommandOutcome.say(remark.text) }
    guard !comparison.rows.isEmpty else {
      throw Failure(
        .badData,
        runs.count == 1 ? "\(runs[0]) has no results to show" : "none of the \(runs.count) runs has results to compare")
    }
    if csv { return try output.write(comparison.csv) }
    if output.isNamed { try output.write(ComparisonPage(comparison).html) }
    // Where standard output is the page, the table is for the eyes.
    try output.stream.write("\n" + comparison.text(colour: TextTable.colourIsWelcome))
  }

  /// Pages into the directories of runs that are not damaged; one that cannot be written to is said.
  private func writePages(_ records: [RunRecord]) throws {
    for record in records where record.damage == nil {
      let place = RunDirectory(record.path).report
      do {
        try AtomicFile.write(RunPage(record).html, to: place)
      } catch {
        CommandOutcome.say("no page: \((error as? Failure)?.message ?? "\(error)")")
        continue
      }
      try StandardStream.output.write(PlainText.line("wrote \(place)") + "\n")
    }
  }
}
