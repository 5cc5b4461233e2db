// The exchanges of a step by themselves: gradient, and the partial sums of every BatchNorm.

import CPlatform
import Communication
import Networks
import Parallelism
import Recipes
import Reports
import Resources
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
  let model: String, ranks: Int, floats: Int, shards: Int, attackSteps: Int
  /// Subtree sums that all ranks bring together.
  let parts: Int
  /// Seconds of our sum along the tree, and of MPI's own; nil for one rank.
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
  ///
  /// - Parameter sizes: what a refusal calls the size of the network.
  init(
    _ model: Recipe.Model, sizes: String, floats: Int?, shards: Int, attackSteps: Int, repeats: Int, exchanges: Int,
    stepSeconds: Double?,
    _ communicator: any Communicator
  ) throws {
    let network = model.described
    let layout = ShardLayout(batchSize: shards * 8, shardSize: 8)
    let tree = TreeReduction(communicator: communicator)
    let count = floats ?? network.parameters.count
    ranks = communicator.size
    self.floats = count
    self.shards = shards
    self.model = model.title
    self.attackSteps = attackSteps
    parts = tree.allNodes(of: layout).count
    // Own sums, two totals, and what a rank receives.
    let vectors = Amount(tree.ownNodes(of: layout).count + 2) * Amount(count)
    let received = Amount(parts) * Amount(min(1 << 22, count / ranks))
    let statistics = Amount(2 * parts) * Amount(2 * (network.normalisedChannels.max() ?? 0) + 1)
    _ = try MemoryCheck(
      [
        MemoryPart(.exchange, (vectors + received) * 4), MemoryPart(.batch, statistics * 8, items: shards),
        MemoryPart(.program, 150_000_000),
      ], threads: 1, host: communicator.hostName
    ).compare(
      communicator,
      MemoryNames([
        .exchange: floats.map { "--floats (\($0))" } ?? sizes, .batch: "--shards (\(shards))",
      ]))

    (treeSeconds, plainSeconds) = try Self.gradient(tree, layout, count, repeats, communicator)

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
    exchangesPerStep = network.exchanges(passes)
    exchangeSecondsPerStep =
      Double(attackSteps + 1)
      * small.reduce(0) { $0 + Double($1.layers) * ($1.forwardMicroseconds + $1.backwardMicroseconds) } * 1e-6
    self.stepSeconds = stepSeconds
    treeShare = stepSeconds.map { [treeSeconds] in treeSeconds.median / $0 }
    exchangeShare = stepSeconds.map { [exchangeSecondsPerStep] in exchangeSecondsPerStep / $0 }
  }

  /// Our sum and MPI's in turn; the slowest rank's seconds, once warm.
  private static func gradient(
    _ tree: TreeReduction, _ layout: ShardLayout, _ count: Int, _ repeats: Int, _ communicator: any Communicator
  ) throws -> (tree: Timings, plain: Timings?) {
    let own = tree.ownNodes(of: layout).map { _ in Storage(count: count) }
    let (total, plainTotal) = (Storage(count: count), Storage(count: count))
    return try withExtendedLifetime((own, total, plainTotal)) {
      for storage in own { storage.base.update(repeating: 0.5, count: count) }
      let sums = own.map { UnsafeMutableBufferPointer(start: $0.base, count: count) }
      let result = UnsafeMutableBufferPointer(start: total.base, count: count)
      let plainResult = UnsafeMutableBufferPointer(start: plainTotal.base, count: count)
      func seconds(_ body: () throws -> Void) throws -> Double {
        try communicator.barrier()
        let start = platform_seconds()
        try body()
        return try communicator.slowest(platform_seconds() - start)
      }
      var treeTimes: [Double] = []
      var plainTimes: [Double] = []
      for repetition in 0...repeats {
        let ours = try seconds { try tree.sum(sums, layout: layout, into: result) }
        // Zeros, so that sums of sums stay numbers.
        let theirs = try seconds { try communicator.allReduceSum(plainResult) }
        if repetition == 0 { continue }
        treeTimes.append(ours)
        plainTimes.append(theirs)
      }
      return (Timings(treeTimes), communicator.size > 1 ? Timings(plainTimes) : nil)
    }
  }

  var table: TextTable {
    var table = TextTable(["exchange", "time", "remark"])
    func share(_ part: Double?) -> String { part.map { ", \(FigureOutput.percent($0)) of a step" } ?? "" }
    table.add([
      "gradient, along the tree", FigureOutput.seconds(treeSeconds.median),
      "best \(FigureOutput.seconds(treeSeconds.best)); \(FigureOutput.bytes(4 * floats)), \(counted(parts, "part")) of "
        + "\(counted(shards, "shard")) on \(counted(ranks, "rank"))\(share(treeShare))",
    ])
    table.add([
      "gradient, MPI's own sum", plainSeconds.map { FigureOutput.seconds($0.median) } ?? "-",
      plainSeconds.map {
        "best \(FigureOutput.seconds($0.best)); ours takes \(FigureOutput.text(treeSeconds.median / $0.median)) times that"
      } ?? "needs several ranks",
    ])
    for row in smallExchanges {
      table.add([
        "BatchNorm of \(row.channels) channels",
        FigureOutput.seconds(1e-6 * (row.forwardMicroseconds + row.backwardMicroseconds)),
        "forward \(FigureOutput.text(row.forwardMicroseconds)) us, backward \(FigureOutput.text(row.backwardMicroseconds)) us, "
          + counted(row.layers, "layer"),
      ])
    }
    table.add([
      "all BatchNorms of a step", FigureOutput.seconds(exchangeSecondsPerStep),
      "\(exchangesPerStep) exchanges\(share(exchangeShare))",
    ])
    return table
  }
}
