// `fairtat-dist bench loops`: what a parallel loop costs by itself, on 1, 2, 4, ... threads of a rank.

import ArgumentParser
import CPlatform
import Communication
import Parallelism
import Reports

/// The subcommand `bench loops`.
struct LoopsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loops",
    abstract: "Time parallel loops that do nothing, or next to nothing, on 1, 2, 4, ... threads.",
    discussion: """
      A training step makes a thousand of them and more. Every figure is the slowest rank's. More threads than cores take \
      turns; they are there to show that they do no harm.
      """)

  @Option(help: "The most threads; twice as many each time from 1 on.")
  var most = 64

  @Option(help: "Loops that are timed a round, of seven.")
  var loops = 500

  @OptionGroup var common: BenchOptions

  func validate() throws {
    try ValueCheck.whole([("--most", most, 1...1024), ("--loops", loops, BenchOptions.repeats)])
  }

  func run() throws {
    try CommandOutcome.run {
      try Launching.run(expectedRanks: common.ranks.expectRanks) { communicator in
        try communicator.agree(on: "\(most) \(loops)", what: "the command line")
        let output = try ResultOutput(common.json, communicator)
        let figures = try LoopsMeasurement(most: most, loops: loops, communicator)
        try FigureOutput.show(figures.table, output)
        try FigureOutput.write(figures, to: output)
      }
    }
  }
}

/// What `bench loops` finds.
struct LoopsMeasurement: Encodable {
  /// Loops on a pool of so many threads.
  struct Row: Encodable {
    let threads: Int
    /// Seconds of a loop with a piece for each thread that does nothing.
    let empty: Timings
    /// Seconds of a loop of 256 pieces that take about a microsecond each.
    let tiny: Timings
    /// The seconds of those pieces on one thread, over the threads that run at the same time and the loop's time.
    let efficiency: Double
  }

  let benchmark = "loops"
  let ranks: Int, cores: Int, processor: String
  let rows: [Row]

  /// Measures for some seconds; a call of all ranks.
  init(most: Int, loops: Int, _ communicator: any Communicator) throws {
    ranks = communicator.size
    cores = Int(platform_core_count())
    processor = RankFacts.processorName
    var rows: [Row] = []
    var threads = 1
    while threads <= most {
      let pool = ThreadPool(threadCount: threads)
      defer { pool.stop() }
      func timings(_ pieces: Int, _ body: @escaping (Int, Int) -> Void) throws -> Timings {
        var rounds: [Double] = []
        for _ in 0..<8 {
          try communicator.barrier()
          let start = platform_seconds()
          for _ in 0..<loops { pool.forEach(pieces, body) }
          rounds.append((platform_seconds() - start) / Double(loops))
        }
        // The first warms up.
        return try Timings(rounds.dropFirst().map { try communicator.slowest($0) })
      }
      let empty = try timings(threads) { _, _ in }
      let tiny = try timings(256) { _, _ in for _ in 0..<25 { platform_pause() } }
      let alone = rows.first?.tiny.median ?? tiny.median
      rows.append(
        Row(
          threads: threads, empty: empty, tiny: tiny,
          efficiency: alone / Double(pool.concurrency) / tiny.median))
      threads *= 2
    }
    self.rows = rows
  }

  var table: TextTable {
    var table = TextTable(["threads", "empty loop", "best", "256 tiny pieces", "best", "efficiency"])
    for row in rows {
      table.add([
        "\(row.threads)", FigureOutput.seconds(row.empty.median), FigureOutput.seconds(row.empty.best),
        FigureOutput.seconds(row.tiny.median), FigureOutput.seconds(row.tiny.best),
        FigureOutput.percent(row.efficiency),
      ])
    }
    return table
  }
}
