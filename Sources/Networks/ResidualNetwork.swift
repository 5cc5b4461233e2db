// Residual networks for small images: normalise the pixels, a 3x3 convolution, blocks, global average, linear; before the
// average, where the blocks leave their sums as they are, a BatchNorm and a ReLU.
//
// What a network is made of and called is declared in a file of its own (PreActResNet.swift, ...). The engine goes layer by
// layer over all examples of the rank, since a normalisation needs the sums of the global batch before it can go on. With running
// statistics it need not: as long as a near cache holds the filters and maps of several layers, each thread takes one image
// through all of these after another, and finds in that cache what it has just written.

import Classification
import Kernels
import Tensors

/// A stem, a chain of blocks and a linear layer.
final class ResidualNetwork: Network {
  let configuration: NetworkConfiguration
  let parameters: ParameterLayout
  let statistics: ParameterLayout
  var headLayer: String { head.layer }

  private let engine: Engine
  let stem: ConvolutionLayer
  let blocks: [any Block]
  /// All of them: the stem's and the blocks'.
  let allConvolutions: [ConvolutionLayer]
  /// All of them: the blocks' and the last.
  let norms: [BatchNormLayer]
  /// Of the last block's output; nil where that is averaged as it is.
  let finalNorm: BatchNormLayer?
  /// How many of the blocks a near cache holds together with the stem.
  private let nearBlocks: Int
  private var head: LinearHead
  private var pixels: PixelInput

  // MARK: - Memory of a pass, sized by `reserve`

  private var hasFilters = false
  private var order = PassOrder()
  /// The input of every block, and the output of the last.
  private var x: [Tensor] = []
  /// What each block keeps.
  private var kept: [[Tensor]] = []
  /// The gradient in each block's input and behind the last, in two memories that take turns.
  private var boundaries: [Tensor] = []
  /// Gradients inside each block, in one memory.
  private var inside: [[Tensor]] = []
  private var dImages = Tensor(Shape(n: 0, c: 3))
  private var shardInputs = Tensor(Shape(n: 0, c: 1))
  private var weightWorkspace = Tensor(Shape(n: 0, c: 1))

  /// - Parameters:
  ///   - layers: where everything was declared.
  ///   - linear: the last layer's weight and bias.
  init(
    _ configuration: NetworkConfiguration, _ layers: LayerBuilder, stem: ConvolutionLayer, blocks: [any Block],
    finalNorm: BatchNormLayer?, linear: (weight: ParameterSlot, bias: ParameterSlot)
  ) {
    precondition(configuration.isSupported, "no network for \(configuration)")
    self.configuration = configuration
    engine = layers.engine
    self.stem = stem
    self.blocks = blocks
    self.finalNorm = finalNorm
    head = LinearHead(linear, channels: blocks[blocks.count - 1].output.c, classes: configuration.classes)
    pixels = PixelInput(configuration)
    allConvolutions = [stem] + blocks.flatMap(\.convolutions)
    norms = blocks.flatMap(\.norms) + (finalNorm.map { [$0] } ?? [])
    nearBlocks = Self.nearBlocks(stem, blocks)
    parameters = layers.parameters
    statistics = layers.statistics
  }

  var passes: Int { order.passes }

  /// An image behind the last block.
  var lastMap: Shape { blocks[blocks.count - 1].output }

  /// The normalisation of what a block writes.
  private func norm(after block: Int) -> BatchNormLayer? {
    block + 1 < blocks.count ? blocks[block + 1].entry : finalNorm
  }

  /// Makes room for the packed filters and the threads' scratch memory.
  private func reserveFilters() {
    guard !hasFilters else { return }
    hasFilters = true
    engine.reserveScratch(
      padded: allConvolutions.map(\.scratchCount).max() ?? 0,
      workspace: allConvolutions.map(\.workspaceCount).max() ?? 0)
    for layer in allConvolutions { layer.reserve() }
  }

  func reserve(examples: Int, shardSize: Int, views: Int) {
    reserveFilters()
    let count = examples * views
    let more = order.grow(images: count, views: views)
    if more.any { for norm in norms { norm.reserve(images: order.images, views: order.views) } }
    if more.images {
      let maps = blocks.map(\.input) + [lastMap]
      x = maps.map { Tensor($0.times(count)) }
      kept = blocks.map { $0.kept.map { Tensor($0.times(count)) } }
      head.reserve(images: count)
      let turns = (0..<2).map { _ in Storage(count: count * largestMap) }
      boundaries = maps.enumerated().map {
        Tensor(turns[(blocks.count - $0) % 2], offset: 0, shape: $1.times(count))
      }
      let interior = Storage(count: count * largestInside)
      inside = blocks.map { block in
        var offset = 0
        return block.inside.map { map in
          defer { offset += count * map.imageCount }
          return Tensor(interior, offset: offset, shape: map.times(count))
        }
      }
      dImages = Tensor(Shape(n: count, h: configuration.height, w: configuration.width, c: 3))
      engine.reserveShared(allConvolutions.map { $0.sharedCount(images: count) }.max() ?? 0)
    }
    let inputs = allConvolutions.map { $0.weightInputCount(shardSize: shardSize * views) }.max()!
    let workspace = allConvolutions.map(\.weightWorkspaceCount).max()!
    if weightWorkspace.count < workspace { weightWorkspace = Tensor(Shape(n: 1, c: workspace)) }
    if shardInputs.count < inputs { shardInputs = Tensor(Shape(n: 1, c: inputs)) }
  }

  func prepare(_ state: Model) {
    order.prepare(state, of: self)
    reserveFilters()
    for layer in allConvolutions { layer.prepare(state.parameters) }
    pixels.prepare(state.normalisation)
  }

  private func pass(
    _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision
  ) -> Pass {
    Pass(
      state: state, mode: mode, slice: slice, precision: precision, engine: engine, shardInputs: shardInputs,
      weightWorkspace: weightWorkspace)
  }

  // MARK: - Forward

  func forward(
    _ input: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision
  ) throws -> Tensor {
    order.beginForward(input, state, slice, configuration)
    let pass = pass(state, mode, slice, precision)
    pixels.take(input)
    if mode == .running { for norm in norms { norm.useRunning(state, views: slice.views.count) } }
    let near = nearBlocks(of: pass, isLocal: mode == .running)
    if near > 0 {
      forEachImage(of: pass) { pass in
        forwardStem(pass)
        try forward(0..<near, pass)
      }
    } else {
      forwardStem(pass)
    }
    try forward(near..<blocks.count, pass)
    try finalNorm?.finishForward(state, mode, slice, engine)
    let last = x[blocks.count]
    engine.forEachGroup(of: pass.images, size: 1) { range, _ in
      let n = range.lowerBound
      let area = last.shape.h * last.shape.w
      if let finalNorm {
        Pooling.affineReLUAverage(
          last.image(n), finalNorm.affine(slice.view(ofImage: n)), into: head.features.image(n), pixels: area,
          channels: last.shape.c)
      } else {
        Pooling.average(last.image(n), into: head.features.image(n), pixels: area, channels: last.shape.c)
      }
      head.forward(n, state)
    }
    if mode == .batchUpdatingRunning { state.batchesTracked += slice.views.moves.count }
    order.endForward(state, mode, slice, precision)
    return head.logits.prefix(pass.count)
  }

  private func forwardStem(_ pass: Pass) {
    stem.forward(pass, into: x[0]) { range, scratch in
      pixels.load(range, scratch.padded)
    } finish: { range, _ in
      if pass.mode != .running { blocks[0].entry?.collect(x[0].image(range.lowerBound), images: range) }
    }
  }

  private func forward(_ range: Range<Int>, _ pass: Pass) throws {
    for i in range { try blocks[i].forward(x[i], kept: kept[i], y: x[i + 1], next: norm(after: i), pass) }
  }

  // MARK: - Image by image

  /// Floats of a near cache that filters and maps may take: half of a mebibyte.
  private static let nearCount = 1 << 17

  /// How many blocks, behind the stem, have filters and maps of an image that a near cache holds.
  ///
  /// Their maps are of one size: gradients take turns in memory, where an image's must not lie on another's.
  private static func nearBlocks(_ stem: ConvolutionLayer, _ blocks: [any Block]) -> Int {
    var packed = stem.passFilterCount
    let near = blocks.prefix { block in
      packed += block.convolutions.reduce(0) { $0 + $1.passFilterCount }
      let maps = [block.input, block.output] + block.kept + block.inside
      return maps.allSatisfy { $0 == block.input } && packed + 3 * block.input.imageCount <= nearCount
    }
    return near.count
  }

  /// How many of them a pass takes image by image: none where threads have less than an image each.
  private func nearBlocks(of pass: Pass, isLocal: Bool) -> Int {
    isLocal && pass.count > engine.pool.concurrency ? nearBlocks : 0
  }

  /// Runs `body` for each image of a pass, of which one thread does everything.
  private func forEachImage(of pass: Pass, _ body: (Pass) throws -> Void) {
    engine.pool.forEach(pass.count) { n, _ in
      do { try body(pass.over(n..<n + 1)) } catch { preconditionFailure("nothing is exchanged for an image: \(error)") }
    }
  }

  // MARK: - Backward

  func backward(
    _ dLogits: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision,
    gradients: GradientSum?
  ) throws -> Tensor {
    order.checkBackward(dLogits, state, mode, slice, precision, classes: classCount)
    let pass = pass(state, mode, slice, precision)
    let (last, dy) = (x[blocks.count], boundaries[blocks.count])
    let isLocal = BatchNormLayer.isLocal(mode, gradients)
    engine.forEachGroup(of: pass.images, size: 1) { range, _ in
      let n = range.lowerBound
      head.inputGradient(dLogits, n, state)
      Pooling.spread(
        head.dFeatures.image(n), into: dy.image(n), pixels: last.shape.h * last.shape.w, channels: last.shape.c)
      finalNorm?.backward(dy.image(n), x: last.image(n), adding: nil, isLocal: isLocal, images: range, slice)
    }
    if let gradients { head.accumulate(dLogits, slice, gradients) }
    try finalNorm?.finishBackward(mode, slice, engine, gradients: gradients)
    var boundary = BoundaryGradient(dy, slice)
    if let finalNorm, !isLocal { boundary = BoundaryGradient(dy, x: last, norm: finalNorm, skip: nil, slice) }
    let near = nearBlocks(of: pass, isLocal: isLocal)
    try backward(near..<blocks.count, &boundary, pass, gradients)
    if near > 0 {
      forEachImage(of: pass) { [boundary] pass in
        var boundary = boundary
        try backward(0..<near, &boundary, pass, nil)
        backwardStem(boundary, pass)
      }
      return dImages.prefix(pass.count)
    }
    if let gradients {
      // Nobody asks for the gradient in the images of a training pass.
      engine.forEachGroup(of: pass.images, size: 1) { range, _ in boundary.finish(range) }
      pass.accumulate(stem, boundary.tensor, gradients) { pixels.load($0, $1) }
      return dImages.prefix(0)
    }
    backwardStem(boundary, pass)
    return dImages.prefix(pass.count)
  }

  private func backward(
    _ range: Range<Int>, _ boundary: inout BoundaryGradient, _ pass: Pass, _ gradients: GradientSum?
  ) throws {
    for i in range.reversed() {
      boundary = try blocks[i].backward(
        boundary, x: x[i], y: x[i + 1], kept: kept[i], inside: inside[i], dx: boundaries[i], pass, gradients: gradients)
    }
  }

  private func backwardStem(_ boundary: BoundaryGradient, _ pass: Pass) {
    stem.inputGradient(pass, into: dImages) { range, scratch in
      boundary.finish(range)
      Padding.copy(
        boundary.tensor.image(range.lowerBound), into: scratch.padded, images: range.count, height: dImages.shape.h,
        width: dImages.shape.w, channels: stem.geometry.outputChannels)
    } ahead: { range in
      var ahead = FetchAhead()
      boundary.fetch(&ahead, after: range, in: pass.images)
      return ahead
    } finish: { range, _ in
      pixels.finishGradient(dImages, range)
    }
  }
}
