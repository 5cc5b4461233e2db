// `fairtat-dist corrupt`.

import ArgumentParser
import Communication
import Corruptions
import Options
import Training

/// The subcommand `corrupt`.
struct CorruptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corrupt",
    abstract: "Make corrupted test images, as CIFAR-10-C has them, on all ranks.",
    discussion: """
      Writes NAME.npy for each corruption, five severities one after the other, and labels.npy, for evaluate \
      --corruptions. An image depends on the seed and its place in the test set alone. A signal ends it with 75; the \
      same command goes on with the next file.

        fairtat-dist corrupt --data DIR --output DIR
        mpirun -np 8 fairtat-dist corrupt --data DIR --output DIR --limit 1000
        fairtat-dist corrupt --output DIR --names fog,snow --severities 1,5
      """)

  @Option(
    help: ArgumentHelp(
      "The folder with the data; what lies there is recognised. Without it, the built-in images.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The folder for the corrupted images.", valueName: "dir"))
  var output: String

  @Option(
    help: ArgumentHelp("The corruptions (fairtat-dist list corruptions); all if not given.", valueName: "a,b,..."))
  var names: NameList?

  @Option(help: ArgumentHelp("Severities; the archives have all five.", valueName: "1,2,..."))
  var severities: NumberList = NumberList(Array(Severity.all))

  @Option(help: "What random numbers are drawn from.")
  var seed: UInt64 = 0

  @Option(help: "Take the first so many test images.")
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "A folder with the original textures of frost, frost1 to frost5 as .png or .jpg; without it the program makes its own.",
      valueName: "dir"))
  var frost: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var ranks: RankOptions

  @Flag(help: "Print errors and warnings only, to standard error.")
  var quiet = false

  func validate() throws {
    try ValueCheck.whole([("--limit", limit, Limits.images)])
    let known = CorruptionCatalog.names
    if let unknown = names?.values.first(where: { !known.contains($0) }) {
      throw ValidationError("No corruption is called '\(unknown)'; there are \(known.joined(separator: ", ")).")
    }
    if let names = names?.values, Set(names).count != names.count {
      throw ValidationError("--names takes each corruption once.")
    }
    guard severities.values.allSatisfy(Severity.all.contains), Set(severities.values).count == severities.values.count
    else { throw ValidationError("--severities takes some of 1,2,3,4,5, each once.") }
  }

  func run() throws {
    try CommandOutcome.run {
      let task = CorruptionTask(
        data: data, output: output, names: names?.values ?? CorruptionCatalog.names,
        severities: severities.values.sorted(),
        seed: seed, limit: limit, frost: frost)
      try Launching.run(expectedRanks: ranks.expectRanks) { communicator in
        try communicator.agree(on: "\(task)", what: "the command line")
        let console = Console(quiet ? .quiet : .text, isRoot: communicator.rank == 0)
        let threads = try Launching.threads(self.threads.count, communicator, console)
        try CorruptionWriter(task, threads: threads, communicator, console).run()
        _ = try communicator.onRoot { try console.checkDelivery() }
      }
    }
  }
}

/// Names with commas between them.
struct NameList: ExpressibleByArgument, Sendable {
  let values: [String]

  init?(argument: String) {
    values = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// Whole numbers with commas between them.
struct NumberList: ExpressibleByArgument, Sendable {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = words.compactMap { Int($0) }
    guard !values.isEmpty, values.count == words.count else { return nil }
  }

  var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }
}
