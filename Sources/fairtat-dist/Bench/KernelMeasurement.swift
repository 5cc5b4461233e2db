// The rows of `bench kernels`: what each kernel does, takes and may at best take, and its part of a step.

import CPlatform
import Communication
import Kernels
import Networks
import Parallelism
import Recipes
import Reports
import Resources
import Tensors

/// What `bench kernels` finds.
struct KernelMeasurement: Encodable {
  /// A convolution, or the linear layer, in one direction by one algorithm.
  struct ConvolutionRow: Encodable {
    let kernel: Int, stride: Int, height: Int, width: Int, inputChannels: Int, outputChannels: Int
    let direction: ConvolutionCase.Direction
    let algorithm: String
    /// Whether `engine.convolution: auto` takes it.
    let chosen: Bool
    /// Times that a step does it.
    let runs: Int
    /// Of one image.
    let flops: Int
    let bytes: Int
    /// Operations of the direct sum, and those really made, a second, in units of 1e9; of the median.
    let effectiveGflops: Double, realGflops: Double
    let bestGflops: Double
    let millisecondsPerImage: Double
    /// Operations really made for each byte from and to memory.
    let intensity: Double
    /// What peak and bandwidth allow, as effective GFLOP/s, and which of them.
    fileprivate(set) var boundGflops = 0.0
    fileprivate(set) var bound = ""
    /// Of all that is in this report and chosen.
    fileprivate(set) var stepShare = 0.0

    /// Finds which of the two allows less, for multiplications really made.
    fileprivate mutating func limit(peak: Double, bandwidth: Double) {
      let arithmetic = intensity * Double(bytes) / peak
      let memory = Double(bytes) / bandwidth
      boundGflops = Double(flops) / max(arithmetic, memory)
      bound = arithmetic >= memory ? "arithmetic" : "memory"
    }
  }

  /// A sweep over memory.
  struct ElementwiseRow: Encodable {
    let part: String
    let height: Int, width: Int, channels: Int
    let runs: Double
    let bytes: Int
    let gigabytesPerSecond: Double
    let millisecondsPerImage: Double
    fileprivate(set) var stepShare: Double
  }

  let benchmark = "kernels"
  let model: String
  let batch: Int, attackSteps: Int, ranks: Int
  let processor: String, build: String
  /// Of one rank's one thread, while the others measured too.
  private(set) var peakGflops = 0.0
  private(set) var bandwidth = 0.0
  private(set) var convolutions: [ConvolutionRow] = []
  private(set) var elementwise: [ElementwiseRow] = []
  /// Milliseconds of a step for one image and thread: the chosen rows together.
  private(set) var stepMillisecondsPerImage = 0.0

  /// Measures; a call of all ranks.
  ///
  /// - Parameter sizes: what a refusal calls the size of the network.
  init(
    _ model: Recipe.Model, sizes: String, images: Int, attackSteps: Int, seconds: Double,
    _ communicator: any Communicator
  ) throws {
    let pool = ThreadPool(threadCount: 1)
    let network = model.described
    _ = try MemoryCheck(Self.memory(network, images: images), threads: 1, host: communicator.hostName).compare(
      communicator, MemoryNames([.network: sizes, .batch: "--batch (\(images))"]))
    let before = try MachineLimits(pool, communicator, bandwidth: true)
    self.model = model.title
    batch = images
    self.attackSteps = attackSteps
    ranks = communicator.size
    processor = RankFacts.processorName
    build = RankFacts.buildName
    let passes = StepPasses(attack: attackSteps)

    var layers: [(kind: Operation.Kind, count: Int, isFirst: Bool)] = []
    for (index, operation) in network.work.enumerated() {
      if let known = layers.firstIndex(where: { $0.kind == operation.kind }) {
        layers[known].count += 1
      } else {
        layers.append((operation.kind, 1, index == 0))
      }
    }
    for (kind, count, isFirst) in layers {
      for direction in ConvolutionCase.Direction.allCases {
        let times =
          switch direction {
          case .forward: passes.forward
          case .inputGradient: passes.inputGradient(isFirst: isFirst)
          case .weightGradient: passes.weightGradient
          }
        switch kind {
        case .convolution(let geometry):
          try add(geometry, direction, images: images, runs: count * times, seconds, communicator)
        case .linear(let inputs, let outputs, let rows):
          try add(
            LinearCase(inputs: inputs, outputs: outputs, rows: rows, direction, images: images), runs: count * times,
            seconds,
            communicator)
        }
      }
    }
    for part in ElementwiseCase.all(network, passes, images: images) {
      let timings = try Timings.interleaved([part.run], seconds: seconds, communicator)[0]
      let perImage = timings.median / Double(part.images)
      elementwise.append(
        ElementwiseRow(
          part: part.name, height: part.height, width: part.width, channels: part.channels, runs: part.runs,
          bytes: part.bytes, gigabytesPerSecond: Double(part.bytes) / perImage / 1e9,
          millisecondsPerImage: 1e3 * perImage, stepShare: 0))
    }
    // Before and after: the better of the two bounds all rows.
    let after = try MachineLimits(pool, communicator, bandwidth: true)
    peakGflops = max(before.peakGflops, after.peakGflops) / Double(ranks)
    bandwidth = max(before.bandwidth ?? 0, after.bandwidth ?? 0) / Double(ranks)
    for i in convolutions.indices { convolutions[i].limit(peak: peakGflops, bandwidth: bandwidth) }
    let chosen = convolutions.filter(\.chosen).reduce(0) { $0 + Double($1.runs) * $1.millisecondsPerImage }
    stepMillisecondsPerImage = elementwise.reduce(chosen) { $0 + $1.runs * $1.millisecondsPerImage }
    for i in convolutions.indices where convolutions[i].chosen {
      convolutions[i].stepShare =
        Double(convolutions[i].runs) * convolutions[i].millisecondsPerImage / stepMillisecondsPerImage
    }
    for i in elementwise.indices {
      elementwise[i].stepShare = elementwise[i].runs * elementwise[i].millisecondsPerImage / stepMillisecondsPerImage
    }
  }

  /// What the measurements take: all filters, packed and not, and for the sweeps four tensors of images of each size that
  /// there is.
  private static func memory(_ network: any Network, images: Int) -> [MemoryPart] {
    let filters = network.work.reduce(Amount(0)) { $0 + Amount($1.weightCount) }
    let sizes = network.convolutions.flatMap {
      [[$0.height * $0.width, $0.inputChannels], [$0.outputPixels, $0.outputChannels]]
    }
    let values = Set(sizes).reduce(Amount(0)) { $0 + Amount($1[0] * $1[1]) }
    return [
      MemoryPart(.network, (filters + Amount(network.memory(shardSize: 8).packed)) * 4),
      MemoryPart(.batch, values * Amount(images) * 16, items: images), MemoryPart(.program, 400_000_000),
    ]
  }

  private mutating func add(
    _ geometry: ConvolutionGeometry, _ direction: ConvolutionCase.Direction, images: Int, runs: Int, _ seconds: Double,
    _ communicator: any Communicator
  ) throws {
    let direct = ConvolutionCase(geometry, direction, .direct, images: images)
    let winograd = ConvolutionCase(geometry, direction, .winograd, images: images)
    let chosen = ConvolutionCase(geometry, direction, .auto, images: 1).algorithm
    let cases = winograd.algorithm == direct.algorithm ? [direct] : [direct, winograd]
    let timings = try Timings.interleaved(cases.map { $0.run }, seconds: seconds * Double(cases.count), communicator)
    for (own, timing) in zip(cases, timings) {
      // A group of images reads the filters once, or writes dw once.
      let dense =
        geometry.height * geometry.width * geometry.inputChannels + geometry.outputPixels * geometry.outputChannels
      convolutions.append(
        row(
          geometry, direction, own.algorithm, chosen: own.algorithm == chosen, runs: runs,
          bytes: 4 * dense + own.filterBytes / own.groupSize, share: own.multiplicationShare, timing, images: images))
    }
  }

  private mutating func add(
    _ linear: LinearCase, runs: Int, _ seconds: Double, _ communicator: any Communicator
  ) throws {
    // A row of the table like a 1x1 convolution of as many pixels.
    let geometry = ConvolutionGeometry(
      height: linear.rows, width: 1, inputChannels: linear.channels, outputChannels: linear.classes, kernel: 1,
      stride: 1)
    let timing = try Timings.interleaved([linear.run], seconds: seconds, communicator)[0]
    // The weights stay in the cache from image to image of a group.
    let dense =
      linear.rows * (geometry.inputChannels + geometry.outputChannels) + geometry.filterCount / linear.groupSize
    convolutions.append(
      row(
        geometry, linear.direction, "linear", chosen: true, runs: runs, bytes: 4 * dense, share: 1, timing,
        images: linear.images))
  }

  private func row(
    _ g: ConvolutionGeometry, _ direction: ConvolutionCase.Direction, _ algorithm: String, chosen: Bool, runs: Int,
    bytes: Int, share: Double, _ timing: Timings, images: Int
  ) -> ConvolutionRow {
    let flops = Double(g.flops)
    let perImage = timing.median / Double(images)
    return ConvolutionRow(
      kernel: g.kernel, stride: g.stride, height: g.height, width: g.width, inputChannels: g.inputChannels,
      outputChannels: g.outputChannels, direction: direction, algorithm: algorithm, chosen: chosen, runs: runs,
      flops: g.flops, bytes: bytes, effectiveGflops: flops / perImage / 1e9, realGflops: flops * share / perImage / 1e9,
      bestGflops: flops * Double(images) / timing.best / 1e9, millisecondsPerImage: 1e3 * perImage,
      intensity: flops * share / Double(bytes))
  }

  // MARK: - Tables

  var heading: String {
    "\(model), \(batch) images, \(counted(ranks, "rank")) of 1 thread on \(processor), \(build)\n"
      + "peak \(FigureOutput.text(peakGflops)) GFLOP/s, memory \(FigureOutput.text(bandwidth)) GB/s a rank; the rows marked "
      + "* and the sweeps below make \(FigureOutput.text(stepMillisecondsPerImage)) ms of a step for an image and thread"
  }

  var tables: [TextTable] {
    var layers = TextTable([
      "layer", "direction", "algorithm", "effective", "best", "real", "bound", "bound by", "FLOP/byte", "ms an image",
      "runs", "of a step",
    ])
    for row in convolutions {
      layers.add([
        "\(row.kernel)x\(row.kernel) s\(row.stride) \(row.inputChannels)>\(row.outputChannels) @\(row.height)",
        row.direction.rawValue, row.algorithm + (row.chosen ? " *" : ""), FigureOutput.text(row.effectiveGflops),
        FigureOutput.text(row.bestGflops), FigureOutput.text(row.realGflops), FigureOutput.text(row.boundGflops),
        row.bound, FigureOutput.text(row.intensity), FigureOutput.text(row.millisecondsPerImage), "\(row.runs)",
        row.chosen ? FigureOutput.percent(row.stepShare) : "-",
      ])
    }
    var sweeps = TextTable(["sweep", "tensor", "GB/s", "ms an image", "runs", "of a step"])
    for row in elementwise {
      sweeps.add([
        row.part, row.channels > 0 ? "\(row.height)x\(row.width)x\(row.channels)" : "all filters",
        row.bytes > 0 ? FigureOutput.text(row.gigabytesPerSecond) : "-", FigureOutput.text(row.millisecondsPerImage),
        FigureOutput.text(row.runs), FigureOutput.percent(row.stepShare),
      ])
    }
    return [layers, sweeps]
  }
}
