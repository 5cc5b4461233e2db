// `fairtat-dist report table2`, `table3`, `table4` and `figure1`: from files of `evaluate --json`.

import ArgumentParser
import Checkpoints
import Communication
import Failures
import Platform
import Reports

/// What the commands share: files in, text out.
struct EvaluationFiles: ParsableArguments {
  @Argument(help: ArgumentHelp("Files that evaluate --json wrote.", valueName: "file"))
  var files: [String]

  @Option(help: ArgumentHelp("Write to this file.", valueName: "file"))
  var output: String?

  /// Those that can be read; what cannot is said.
  func read() -> [(place: String, file: EvaluationFile)] {
    var read: [(place: String, file: EvaluationFile)] = []
    for path in files {
      do throws(Failure) {
        read.append((path, try EvaluationFile(json: try FileReader(path).bytes(upTo: 1 << 26))))
      } catch {
        CommandOutcome.say("\(path) is left out: \(error.message)")
      }
    }
    return read
  }

  /// Writes `text`, once there is any.
  func write(_ remarks: [Remark], isEmpty: Bool, what: String, _ text: () -> String) throws {
    let place = try ReportOutput(output)
    for remark in remarks { CommandOutcome.say(remark.text) }
    guard !isEmpty else { throw Failure(.badData, "none of the \(files.count) is \(what)") }
    try place.write(text())
  }
}

/// One of the paper's tables of evaluations.
protocol ReportEvaluationsCommand: ParsableCommand {
  static var table: EvaluatedTable { get }
  var evaluations: EvaluationFiles { get }
  var format: TableFormat { get }
}

extension ReportEvaluationsCommand {
  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let (tables, remarks) = EvaluationTable.tables(Self.table, of: evaluations.read())
      let what = "an evaluation by \(Self.table.option), whole, of a row of the paper's tables"
      try evaluations.write(remarks, isEmpty: tables.isEmpty, what: what) {
        format.text(
          tables.flatMap { [$0.table, $0.details].compactMap(\.self) },
          csv: EvaluationTable.csvHead + tables.map(\.csv).joined(), title: Self.table.title)
      }
    }
  }
}

/// The subcommand `report table2`.
struct ReportTable2Command: ReportEvaluationsCommand {
  static let table = EvaluatedTable.table2
  static let configuration = CommandConfiguration(
    commandName: "table2",
    abstract: "Print the paper's rows under AutoAttack, from files of evaluate --json.",
    discussion: """
      Clean accuracy and what AutoAttack at 8/255 left, overall and of the worst class; a line for each row, set of weights \
      and checkpoint (the last, or the best by validation), seeds pooled. A line of one seed has intervals: 95 % of the \
      bootstrap over images. The best of a figure is bold, the second underlined.

        fairtat-dist evaluate --checkpoint RUN --attack autoattack --json FILE
        fairtat-dist report table2 results/*.json --format html --output table2.html
      """)

  @OptionGroup var evaluations: EvaluationFiles
  @Option(help: "markdown, csv, latex or html.") var format = TableFormat.markdown
}

/// The subcommand `report table3`.
struct ReportTable3Command: ReportEvaluationsCommand {
  static let table = EvaluatedTable.table3
  static let configuration = CommandConfiguration(
    commandName: "table3",
    abstract: "Print the paper's rows under Square alone, from files of evaluate --json.",
    discussion: """
      As table2, for the black-box attack with 5000 queries.

        fairtat-dist evaluate --checkpoint RUN --attack square --json FILE
        fairtat-dist report table3 results/*.json
      """)

  @OptionGroup var evaluations: EvaluationFiles
  @Option(help: "markdown, csv, latex or html.") var format = TableFormat.markdown
}

/// The subcommand `report table4`.
struct ReportTable4Command: ReportEvaluationsCommand {
  static let table = EvaluatedTable.table4
  static let configuration = CommandConfiguration(
    commandName: "table4",
    abstract: "Print the paper's rows on corrupted images, from files of evaluate --json.",
    discussion: """
      Accuracy by corruption, all severities pooled, and the means over the paper's 18, overall and of the worst class. As CSV \
      it has the means.

        fairtat-dist evaluate --checkpoint RUN --corruptions CIFAR-10-C --json FILE
        fairtat-dist report table4 results/*.json
      """)

  @OptionGroup var evaluations: EvaluationFiles
  @Option(help: "markdown, csv, latex or html.") var format = TableFormat.markdown
}

/// The subcommand `report figure1`.
struct ReportFigure1Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure1",
    abstract: "Draw which classes images are taken for by mistake, from files of evaluate --json.",
    discussion: """
      Each class's share in all false positives under the attack of the evaluations (one attack for all), model by model, \
      seeds pooled. As SVG it takes the evaluations of one setting.

        fairtat-dist report figure1 at.json fairtat.json --output figure1.html
        fairtat-dist report figure1 at.json fairtat.json --format svg --output figure1.svg
      """)

  /// How it is written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case html, svg, markdown, csv, latex
  }

  @OptionGroup var evaluations: EvaluationFiles
  @Option(help: "html, svg, markdown, csv or latex.") var format = Format.html

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let (figures, remarks) = CFPFigure.figures(of: evaluations.read())
      guard format != .svg || figures.count < 2 else {
        throw Failure(.usage, "--format svg draws one setting, and these are \(figures.count): give those of one")
      }
      try evaluations.write(remarks, isEmpty: figures.isEmpty, what: "an evaluation of a row of the paper's tables") {
        switch format {
        case .html: CFPFigure.page(figures)
        case .svg: figures[0].svg
        case .markdown: figures.map(\.table.markdown).joined(separator: "\n")
        case .csv: CFPFigure.csvHead + figures.map(\.csv).joined()
        case .latex: figures.map(\.table.latex).joined(separator: "\n")
        }
      }
    }
  }
}
