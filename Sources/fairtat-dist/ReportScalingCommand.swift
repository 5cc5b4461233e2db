// `fairtat-dist report scaling`.

import ArgumentParser
import Checkpoints
import Communication
import Failures
import Platform
import Reports
import Scaling

/// The subcommand `report scaling`.
struct ReportScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Print a scaling study, measured beside predicted, from what launch/scaling left.",
    discussion: """
      A row for each layout of ranks x threads: images/s over the rounds, speed-up and efficiency against the layout of the \
      fewest threads, the share of each phase, and what the model of a step says that was fitted to that layout alone. As \
      SVG the chart with the ideal line; as HTML all of it on a page, with what the model says for up to 10,000 ranks on \
      nodes of this kind, or of the kind that --node and --network name (see plan --help).

        fairtat-dist report scaling scaling/strong
        fairtat-dist report scaling scaling/strong --format html --output strong.html
        fairtat-dist report scaling scaling/weak --node cores=64,bandwidth=450GB/s --format html --output weak.html
      """)

  /// How it is written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case markdown, csv, json, svg, html
  }

  @Argument(
    help: ArgumentHelp("The folder of a study, or files that bench step --machine --json wrote.", valueName: "dir"))
  var places: [String]

  @Option(help: "markdown, csv, json, svg or html.") var format = Format.markdown

  @Option(help: ArgumentHelp("Write to this file.", valueName: "file"))
  var output: String?

  @OptionGroup var facts: NodeOptions

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let place = try ReportOutput(output)
      let study = try ScalingStudy(try read())
      for remark in study.remarks { CommandOutcome.say(remark.text) }
      let node = try study.model.map { try facts.applied(to: $0.node) }
      let beyond = ScalingExtrapolation(study, node: node)
      switch format {
      case .markdown:
        try place.write(study.table.markdown + (beyond.map { "\n" + $0.table.markdown } ?? ""))
      case .csv: try place.write(study.csv)
      case .json: try place.write(try study.json(beyond))
      case .svg: try place.write(ScalingPage(study, beyond).svg)
      case .html: try place.write(ScalingPage(study, beyond).html)
      }
    }
  }

  /// The measurements; what is none is said.
  private func read() throws -> [(place: String, measurement: ScalingMeasurement)] {
    var read: [(place: String, measurement: ScalingMeasurement)] = []
    for path in try places.flatMap(Self.files) {
      do throws(Failure) {
        read.append((path, try ScalingMeasurement(json: try FileReader(path).bytes(upTo: 1 << 24))))
      } catch {
        CommandOutcome.say("\(path) is left out: \(error.message)")
      }
    }
    return read
  }

  /// The files of a study's folder: those of its measurements are called by ranks, threads and round.
  private static func files(_ path: String) throws -> [String] {
    guard FileSystem.isDirectory(path) else { return [path] }
    return try FileSystem.names(in: path).filter { $0.hasPrefix("r") && $0.hasSuffix(".json") }
      .map { Path.join(path, $0) }
  }
}
