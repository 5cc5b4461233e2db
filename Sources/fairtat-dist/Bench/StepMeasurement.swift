// Steps of the real trainer, timed, and what is made of the times.

import Communication
import Fairness
import Methods
import Networks
import Parallelism
import Recipes
import Reports
import Resources
import Scaling
import Tensors
import Training

/// Keeps the lines of the steps, and ends the run after the last of them.
private final class StepCollector: TrainingObserver {
  private let wanted: Int
  private let pool: ThreadPool
  /// Parallel loops of the last step.
  private(set) var loops = 0
  private var calls = 0
  private(set) var lines: [StepLine] = []
  /// Seconds from the start of the process to the start of the first step.
  private(set) var startup: Double?
  /// After the last step, while the trainer has its memory.
  private(set) var usage: ProcessUsage?

  init(steps: Int, _ pool: ThreadPool) {
    wanted = steps
    self.pool = pool
  }

  func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool {
    if lines.isEmpty { startup = ProcessUsage.age.map { $0 - line.totalSeconds } }
    lines.append(line)
    loops = pool.calls - calls
    calls = pool.calls
    if lines.count == wanted { usage = ProcessUsage() }
    return lines.count < wanted
  }

  func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool { true }
}

/// What `bench step` finds.
struct StepMeasurement: Encodable {
  /// Over steps.
  struct Spread: Encodable {
    let median: Double, least: Double, greatest: Double

    init(_ values: [Double]) {
      median = Quantiles.value(0.5, ofSorted: values.sorted())
      least = values.min() ?? .nan
      greatest = values.max() ?? .nan
    }
  }

  /// Medians over steps, of rank 0; `statistics` lies within attack and training.
  struct Phases: Encodable {
    let attack: Double, training: Double, statistics: Double, reduction: Double, waiting: Double
    /// Augmentation, optimizer, packing of filters.
    let rest: Double
  }

  struct Memory: Encodable {
    /// Bytes, all ranks together: proportional after the last step, and the sum of the ranks' peaks.
    let proportional: Int?, peakResident: Int?
  }

  let benchmark = "step"
  let method: String, model: String, batch: Int, attackSteps: Int, attackPrecision: String
  let convolution: String
  let ranks: Int, threads: Int, hosts: Int, steps: Int
  let processor: String, build: String
  let imagesPerSecond: Spread
  let stepSeconds: Spread
  let seconds: Phases
  /// Operations of a step as direct sums.
  let stepFlops: Int
  let effectiveGflops: Double
  let peakGflops: Double
  let peakShare: Double
  let startupSeconds: Double?
  let memory: Memory
  let smallExchanges: Int
  /// Bytes of packed filters that a step reads, all ranks together, whatever the caches keep of them.
  let filterBytes: Int
  /// Bytes of maps that all ranks write and read in a step, by their extents.
  let activationBytes: Double
  /// Parallel loops of rank 0 in a step, counted.
  let parallelLoops: Int
  /// What a model of the step counts with.
  let work: StepWork
  /// Measured after the steps, where asked for.
  let machine: MachineReading?

  /// Trains, then measures the peak; a call of all ranks.
  ///
  /// - Parameters:
  ///   - names: what a refusal calls the settings.
  ///   - machine: whether the machine is measured too.
  static func run(
    _ recipe: Recipe, steps: Int, warmup: Int, threads: Int, names: MemoryNames, machine: Bool,
    _ communicator: any Communicator
  ) throws -> StepMeasurement {
    let run = try Run(recipe: recipe, communicator: communicator, threads: threads, trains: true, names: names)
    let collector = StepCollector(steps: warmup + steps, run.pool)
    try Trainer(run, from: run.initialState()).train(collector)
    let usages = try communicator.allGather(coded: collector.usage ?? ProcessUsage())
    let filterBytes = try communicator.sum(Double(run.engine.filterBytes) / Double(max(1, collector.lines.count)))
    let limits = try MachineLimits(run.pool, communicator, bandwidth: false)
    // The slowest rank's start; where one does not know, nobody does.
    let starts = try communicator.allGather(coded: collector.startup)
    let reading = machine ? try Self.machine(run, threads: threads) : nil
    return StepMeasurement(
      run, Array(collector.lines.dropFirst(warmup)), threads: threads, peak: limits.peakGflops, usages: usages,
      filterBytes: Int(filterBytes), startup: starts.contains(nil) ? nil : starts.compactMap(\.self).max(),
      loops: collector.loops, machine: reading)
  }

  /// What a model needs to know of the machine, for as many images as a thread has here.
  private static func machine(_ run: Run, threads: Int) throws -> MachineReading {
    let recipe = run.recipe
    let layout = ShardLayout(batchSize: recipe.training.batchSize, shardSize: recipe.training.shardSize)
    let share = layout.largestShare(of: run.communicator.size)
    return try MachineMeasurement(
      { try recipe.network(run.network.configuration, $0) }, convolution: recipe.engine.convolution, threads: threads,
      images: min(64, (share + threads - 1) / threads), run.communicator
    ).reading
  }

  private init(
    _ run: Run, _ lines: [StepLine], threads: Int, peak: Double, usages: [ProcessUsage], filterBytes: Int,
    startup: Double?, loops: Int,
    machine: MachineReading?
  ) {
    let recipe = run.recipe
    let passes = run.method.passes(steps: recipe.attack.steps, allTargeted: recipe.startsTargeted)
    method = recipe.method.name
    model = recipe.model.title
    batch = recipe.training.batchSize
    attackSteps = recipe.attack.steps
    attackPrecision = recipe.attack.precision.rawValue
    convolution = recipe.engine.convolution.rawValue
    ranks = run.communicator.size
    self.threads = threads
    hosts = Set(run.hosts).count
    steps = lines.count
    processor = RankFacts.processorName
    build = RankFacts.buildName
    imagesPerSecond = Spread(lines.map { Double($0.images) / $0.totalSeconds })
    stepSeconds = Spread(lines.map(\.totalSeconds))
    func median(_ phase: (StepLine) -> Double) -> Double { Spread(lines.map(phase)).median }
    seconds = Phases(
      attack: median(\.seconds.attack), training: median(\.seconds.training),
      statistics: median(\.seconds.statistics), reduction: median(\.seconds.reduction),
      waiting: median(\.seconds.waiting),
      rest: median {
        $0.totalSeconds - $0.seconds.attack - $0.seconds.training - $0.seconds.reduction - $0.seconds.waiting
      })
    stepFlops = (Amount(batch) * run.network.flops(passes)).value
    effectiveGflops = Double(stepFlops) / stepSeconds.median / 1e9
    peakGflops = peak
    peakShare = effectiveGflops / peak
    startupSeconds = startup
    func sum(_ values: [Int?]) -> Int? { values.contains { $0 == nil } ? nil : values.reduce(0) { $0 + ($1 ?? 0) } }
    memory = Memory(proportional: sum(usages.map(\.proportional)), peakResident: sum(usages.map(\.peakResident)))
    smallExchanges = run.network.exchanges(passes)
    self.filterBytes = filterBytes
    let layout = ShardLayout(batchSize: batch, shardSize: recipe.training.shardSize)
    work = StepWork(run.network, passes, layout, recipe.engine.convolution, loops: loops)
    activationBytes = work.activationBytes
    parallelLoops = loops
    self.machine = machine
  }

  var table: TextTable {
    var table = TextTable(["what", "figure", "remark"])
    table.add([
      "setting", "\(method), \(model)",
      "batch \(batch), PGD-\(attackSteps) in \(attackPrecision), convolution \(convolution)",
    ])
    table.add(["ranks x threads", "\(ranks) x \(threads)", "\(processor), \(build)"])
    table.add([
      "images/s", FigureOutput.text(imagesPerSecond.median),
      "\(FigureOutput.text(imagesPerSecond.least)) to \(FigureOutput.text(imagesPerSecond.greatest)) over \(counted(steps, "step"))",
    ])
    table.add(["step", FigureOutput.seconds(stepSeconds.median), ""])
    let parts = [
      ("attack", seconds.attack, ""), ("training", seconds.training, ""),
      ("statistics", seconds.statistics, "within the two above; \(smallExchanges) exchanges"),
      ("reduction", seconds.reduction, ""), ("waiting", seconds.waiting, ""),
      ("rest", seconds.rest, "augmentation, optimizer, packing of filters"),
    ]
    for (name, value, remark) in parts {
      let share = FigureOutput.percent(value / stepSeconds.median)
      table.add(["  \(name)", FigureOutput.seconds(value), remark.isEmpty ? share : "\(share), \(remark)"])
    }
    table.add(["filters", FigureOutput.bytes(filterBytes), "packed ones that a step reads, all ranks"])
    table.add([
      "effective", FigureOutput.text(effectiveGflops) + " GFLOP/s",
      "\(FigureOutput.text(Double(stepFlops) / 1e12)) TFLOP a step as direct sums",
    ])
    table.add([
      "of the peak", FigureOutput.percent(peakShare),
      "\(FigureOutput.text(peakGflops)) GFLOP/s of multiply-adds, all threads at the same time; Winograd can pass 100 %",
    ])
    table.add([
      "packed filters", FigureOutput.bytes(Int(filterBytes)),
      "read a step by all ranks; maps \(FigureOutput.bytes(Int(activationBytes))); \(counted(parallelLoops, "parallel loop"))",
    ])
    table.add(["to the first step", startupSeconds.map(FigureOutput.seconds) ?? "-", "from the process's start"])
    table.add([
      "memory", memory.proportional.map(FigureOutput.bytes) ?? "-",
      "all ranks; the sum of their peaks \(memory.peakResident.map(FigureOutput.bytes) ?? "-")",
    ])
    return table
  }
}
