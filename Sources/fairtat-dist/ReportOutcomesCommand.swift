// `fairtat-dist report outcomes`.

import ArgumentParser
import Communication
import Evaluation
import Failures
import Fairness
import Reports

/// The subcommand `report outcomes`.
struct ReportOutcomesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outcomes",
    abstract: "Compare two models on the same images, from files of evaluate --outcomes.",
    discussion: """
      Accuracies of each model, their difference, and 95 % intervals of the bootstrap: both models are judged on the same \
      draws of images, so the interval of the difference is narrower than those of the two say. With one file: its \
      accuracies and intervals. It counts how many images only one of the two withstands.

        fairtat-dist report outcomes fairtat.npy at.npy
      """)

  @Argument(help: ArgumentHelp("One file of evaluate --outcomes, or two of the same images.", valueName: "file.npy"))
  var files: [String]

  @Option(help: "markdown, csv, latex or html.") var format = TableFormat.markdown

  @Option(help: ArgumentHelp("Write to this file.", valueName: "file"))
  var output: String?

  func validate() throws {
    guard files.count <= 2 else { throw ValidationError("report outcomes takes one file or two, not \(files.count).") }
  }

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let place = try ReportOutput(output)
      let models = try files.map { (name: $0, verdicts: try Verdicts(outcomes: $0)) }
      if models.count == 2 {
        let labels = models.map { $0.verdicts.examples.map(\.label) }
        guard labels[0] == labels[1] else {
          throw Failure(
            .badData,
            "\(files[0]) has \(labels[0].count) images and \(files[1]) \(labels[1].count), or others: their labels differ"
          )
        }
      }
      let comparison = OutcomeComparison(models)
      try place.write(format.text([comparison.table], csv: comparison.csv, title: "Outcomes"))
    }
  }
}
