// The exchanges of a step by themselves: gradient, and the partial sums of every BatchNorm.

import CPlatform
import Communication
import Networks
import Parallelism
import Reports
import Tensors

/// What `bench allreduce` finds.
struct ExchangeMeasurement: Encodable {
  /// The two exchanges of a normalisation of so many channels.
  struct SmallExchange: Encodable {
    let channels: Int
    /// Normalisations of the network with so many.
    let layers: Int
    /// Means, in microseconds.
    let forwardMicroseconds: Double, backwardMicroseconds: Double
  }

  let benchmark = "allreduce"
  let ranks: Int, floats: Int, shards: Int, width: Int, attackSteps: Int
  /// Subtree sums that all ranks bring together.
  let parts: Int
  /// Seconds of our sum along the tree, and of MPI's own; nil without MPI.
  let treeSeconds: Timings
  let plainSeconds: Timings?
  let smallExchanges: [SmallExchange]
  /// In a step, and the seconds they take.
  let exchangesPerStep: Int
  let exchangeSecondsPerStep: Double
  /// Of a step of the seconds given.
  let stepSeconds: Double?
  let treeShare: Double?, exchangeShare: Double?

  /// Measures; a call of all ranks.
  init(
    floats: Int?, shards: Int, width: Int, attackSteps: Int, repeats: Int, exchanges: Int, stepSeconds: Double?,
    _ communicator: any Communicator
  ) throws {
    let network = networks[0].make(
      NetworkConfiguration(channels: width),
      Engine(pool: ThreadPool(threadCount: 1), reduction: LocalBatchReduction()))
    let layout = ShardLayout(batchSize: shards * 8, shardSize: 8)
    let tree = TreeReduction(communicator: communicator)
    let count = floats ?? network.parameters.count
    ranks = communicator.size
    self.floats = count
    self.shards = shards
    self.width = width
    self.attackSteps = attackSteps
    parts = tree.allNodes(of: layout).count

    let own = tree.ownNodes(of: layout).map { _ in Storage(count: count) }
    for storage in own { storage.base.update(repeating: 0.5, count: count) }
    let total = Storage(count: count)
    let sums = own.map { UnsafeBufferPointer(start: UnsafePointer($0.base), count: count) }
    let result = UnsafeMutableBufferPointer(start: total.base, count: count)
    treeSeconds = try Self.time(repeats, communicator) { try tree.sum(sums, layout: layout, into: result) }
    // Sums of sums must stay numbers.
    result.update(repeating: 0)
    var hasPlain = false
    let plain = try Self.time(repeats, communicator) { hasPlain = try communicator.plainSum(result) }
    plainSeconds = hasPlain ? plain : nil

    var small: [SmallExchange] = []
    let channels = network.normalisedChannels
    for c in Set(channels).sorted() {
      func mean(_ kind: PartialSum, width: Int) throws -> Double {
        let leaves = [Double](repeating: 1, count: tree.ownNodes(of: layout).count * width)
        func exchange() throws {
          _ = try leaves.withUnsafeBufferPointer {
            try tree.total($0, width: width, layout: layout) { kind.merge($0, $1, width: width) }
          }
        }
        for _ in 0..<3 { try exchange() }
        try communicator.barrier()
        let start = platform_seconds()
        for _ in 0..<exchanges { try exchange() }
        return try communicator.slowest((platform_seconds() - start) / Double(exchanges))
      }
      small.append(
        SmallExchange(
          channels: c, layers: channels.count { $0 == c },
          forwardMicroseconds: 1e6 * (try mean(.moments(channels: c), width: 2 * c + 1)),
          backwardMicroseconds: 1e6 * (try mean(.sum, width: 2 * c))))
    }
    smallExchanges = small
    let passes = StepPasses(attack: attackSteps)
    exchangesPerStep = network.exchanges(passes, attack: .batch)
    exchangeSecondsPerStep =
      Double(network.passesWithExchanges(passes, attack: .batch))
      * small.reduce(0) { $0 + Double($1.layers) * ($1.forwardMicroseconds + $1.backwardMicroseconds) } * 1e-6
    self.stepSeconds = stepSeconds
    treeShare = stepSeconds.map { [treeSeconds] in treeSeconds.median / $0 }
    exchangeShare = stepSeconds.map { [exchangeSecondsPerStep] in exchangeSecondsPerStep / $0 }
  }

  /// The slowest rank's seconds, once warm.
  private static func time(
    _ repeats: Int, _ communicator: any Communicator, _ body: () throws -> Void
  ) throws -> Timings {
    try body()
    var times: [Double] = []
    for _ in 0..<repeats {
      try communicator.barrier()
      let start = platform_seconds()
      try body()
      times.append(try communicator.slowest(platform_seconds() - start))
    }
    return Timings(times)
  }

  var table: TextTable {
    var table = TextTable(["exchange", "time", "remark"])
    func milliseconds(_ seconds: Double) -> String { FigureOutput.text(1e3 * seconds) + " ms" }
    func share(_ part: Double?) -> String { part.map { ", \(FigureOutput.percent($0)) of a step" } ?? "" }
    table.add([
      "gradient, along the tree", milliseconds(treeSeconds.median),
      "best \(milliseconds(treeSeconds.best)); \(FigureOutput.bytes(4 * floats)), \(counted(parts, "part")) of "
        + "\(counted(shards, "shard")) on \(counted(ranks, "rank"))\(share(treeShare))",
    ])
    table.add([
      "gradient, MPI's own sum", plainSeconds.map { milliseconds($0.median) } ?? "-",
      plainSeconds.map {
        "best \(milliseconds($0.best)); ours takes \(FigureOutput.text(treeSeconds.median / $0.median)) times as long"
      } ?? "needs MPI",
    ])
    for row in smallExchanges {
      table.add([
        "BatchNorm of \(row.channels) channels",
        milliseconds(1e-6 * (row.forwardMicroseconds + row.backwardMicroseconds)),
        "forward \(FigureOutput.text(row.forwardMicroseconds)) us, backward \(FigureOutput.text(row.backwardMicroseconds)) us, "
          + counted(row.layers, "layer"),
      ])
    }
    table.add([
      "all BatchNorms of a step", milliseconds(exchangeSecondsPerStep),
      "\(exchangesPerStep) exchanges\(share(exchangeShare))",
    ])
    return table
  }
}
