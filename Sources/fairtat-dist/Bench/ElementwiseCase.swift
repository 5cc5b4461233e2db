// The sweeps between the convolutions, run as the engine runs them: what has just been written is in the cache, what earlier
// layers left is in memory. In a step the convolutions fetch it ahead; here nobody does, so the shares are upper bounds.
//
// Convolutions of one map share what is laid into a frame for them on the way forward: the 3x3 one is counted.

import Kernels
import Networks
import Tensors

/// A sweep that can be run.
struct ElementwiseCase {
  let name: String
  let height: Int, width: Int, channels: Int
  /// Times that a step does it for an image.
  let runs: Double
  /// From and to memory for one image; caches do not count.
  let bytes: Int
  /// That `run` sweeps over.
  let images: Int
  let run: () -> Void

  private struct Extents: Hashable {
    let height: Int, width: Int, channels: Int
    var count: Int { height * width * channels }
  }

  /// All sweeps of a step over so many images.
  static func all(_ network: any Network, _ passes: StepPasses, images: Int) -> [ElementwiseCase] {
    let layers = network.work.compactMap { operation in
      operation.convolution.map { (geometry: $0, isBehindNorm: operation.isBehindNormalisation) }
    }
    func input(_ g: ConvolutionGeometry) -> Extents {
      Extents(height: g.height, width: g.width, channels: g.inputChannels)
    }
    func output(_ g: ConvolutionGeometry) -> Extents {
      Extents(height: g.outputHeight, width: g.outputWidth, channels: g.outputChannels)
    }
    let behindNorm = layers.filter(\.isBehindNorm).map(\.geometry)
    // The weight gradient lays the input out again, for shortcuts too.
    let laid =
      behindNorm.filter { $0.kernel == 3 }.map { (input($0), passes.forward + 1) }
      + behindNorm.filter { $0.kernel == 1 }.map { (input($0), 1) }
    let normalised = network.normalisations.map {
      (Extents(height: $0.height, width: $0.width, channels: $0.channels), passes.forward)
    }
    let gradients = layers.enumerated().map {
      (output($0.element.geometry), passes.inputGradient(isFirst: $0.offset == 0))
    }
    return counted(laid).map { loading($0.0, runs: $0.1, images) }
      + counted(normalised).map { moments($0.0, runs: $0.1, images) }
      + counted(gradients).map { framing($0.0, runs: $0.1, images) }
      + counted(normalised).map { masking($0.0, runs: $0.1, images) }
      + counted(normalised).map { normGradient($0.0, runs: $0.1, images) }
      + [packing(layers.map(\.geometry), images)]
  }

  /// Equal extents as one, in the order of their first.
  private static func counted(_ parts: [(Extents, Int)]) -> [(Extents, Int)] {
    var order: [Extents] = []
    var sums: [Extents: Int] = [:]
    for (extents, runs) in parts {
      if sums[extents] == nil { order.append(extents) }
      sums[extents, default: 0] += runs
    }
    return order.map { ($0, sums[$0]!) }
  }

  private init(
    _ name: String, _ e: Extents, runs: Int, bytes: Int, images: Int, _ body: @escaping (_ image: Int) -> Void
  ) {
    self.name = name
    (height, width, channels) = (e.height, e.width, e.channels)
    self.runs = Double(runs)
    self.bytes = bytes
    self.images = images
    run = { for n in 0..<images { body(n) } }
  }

  private static func tensor(_ e: Extents, _ images: Int) -> Tensor {
    let tensor = Tensor(Shape(n: images, h: e.height, w: e.width, c: e.channels))
    tensor.pointer.update(repeating: 0.5, count: tensor.count)
    return tensor
  }

  /// Scale, shift, mean, slope and offset of a normalisation, all the same: sums of them grow slowly.
  private static func coefficients(_ e: Extents) -> Tensor {
    let tensor = Tensor(Shape(n: 5, c: (e.channels + 15) & ~15))
    tensor.pointer.update(repeating: 0.25, count: tensor.count)
    return tensor
  }

  private static func affine(_ k: Tensor) -> ChannelAffine { ChannelAffine(scale: k.image(0), shift: k.image(1)) }

  private static func loading(_ e: Extents, runs: Int, _ images: Int) -> Self {
    let (x, k) = (tensor(e, images), coefficients(e))
    let padded = ConvolutionCase.ones((e.height + 2) * (e.width + 2) * e.channels)
    return Self("affine, ReLU, frame", e, runs: runs, bytes: 4 * e.count, images: images) { n in
      Padding.affineReLU(
        x.image(n), affine(k), into: padded.pointer, images: 1, height: e.height, width: e.width, channels: e.channels)
    }
  }

  private static func framing(_ e: Extents, runs: Int, _ images: Int) -> Self {
    let x = tensor(e, 1)
    let padded = ConvolutionCase.ones((e.height + 2) * (e.width + 2) * e.channels)
    return Self("copy, frame", e, runs: runs, bytes: 0, images: images) { _ in
      Padding.copy(
        x.pointer, into: padded.pointer, images: 1, height: e.height, width: e.width, channels: e.channels)
    }
  }

  private static func moments(_ e: Extents, runs: Int, _ images: Int) -> Self {
    let x = tensor(e, 1)
    let sums = Doubles(Moments.width(e.channels))
    return Self("moments", e, runs: runs, bytes: 0, images: images) { _ in
      sums.clear()
      Moments.add(image: x.pointer, pixels: e.height * e.width, channels: e.channels, to: sums.base)
    }
  }

  private static func masking(_ e: Extents, runs: Int, _ images: Int) -> Self {
    let (x, da, k) = (tensor(e, images), tensor(e, 1), coefficients(e))
    let sums = Doubles(2 * e.channels)
    return Self("mask and sums", e, runs: runs, bytes: 4 * e.count, images: images) { n in
      sums.clear()
      BatchNormGradient.maskAndSum(
        da.pointer, x: x.image(n), affine: affine(k), mean: k.image(2), pixels: e.height * e.width,
        channels: e.channels, sums: sums.base)
    }
  }

  private static func normGradient(_ e: Extents, runs: Int, _ images: Int) -> Self {
    let (x, dz, k) = (tensor(e, images), tensor(e, images), coefficients(e))
    return Self("BatchNorm gradient", e, runs: runs, bytes: 12 * e.count, images: images) { n in
      BatchNormGradient.inputGradient(
        dz.image(n), x: x.image(n),
        BatchNormCoefficients(affine: affine(k), mean: k.image(2), slope: k.image(3), offset: k.image(4)), adding: nil,
        into: dz.image(n), pixels: e.height * e.width, channels: e.channels)
    }
  }

  /// Once a step for all images of the rank.
  private static func packing(_ layers: [ConvolutionGeometry], _ images: Int) -> Self {
    let parts = layers.map { g in
      let programs = [ConvolutionChoice.auto.forward(g)] + ConvolutionChoice.auto.inputGradient(g)
      return (
        filters: ConvolutionCase.ones(g.filterCount),
        programs: programs.map { ($0, Tensor(Shape(n: 1, c: $0.packedCount))) }
      )
    }
    let floats = parts.reduce(0) { sum, part in
      sum + part.programs.reduce(0) { $0 + part.filters.count + $1.1.count }
    }
    let workspace = Tensor(Shape(n: 1, c: parts.flatMap(\.programs).map(\.0.workspaceCount).max() ?? 0))
    return Self(
      "packing of filters", Extents(height: 0, width: 0, channels: 0), runs: 1, bytes: 4 * floats / images,
      images: images
    ) { n in
      guard n == 0 else { return }
      for (filters, programs) in parts {
        for (program, packed) in programs {
          for panel in 0..<program.panelCount {
            program.pack(filters.pointer, into: packed.pointer, panel: panel, workspace: workspace.pointer)
          }
        }
      }
    }
  }

  /// Doubles that a closure owns.
  private final class Doubles {
    let base: UnsafeMutablePointer<Double>
    private let count: Int

    init(_ count: Int) {
      self.count = count
      base = .allocate(capacity: count)
      clear()
    }

    func clear() { base.update(repeating: 0, count: count) }

    deinit { base.deallocate() }
  }
}
