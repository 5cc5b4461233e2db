// XCiT for small images: normalise the pixels, a stem of convolutions that makes tokens of patches, positions, blocks of
// cross-covariance attention, a class token and blocks of class attention, LayerNorm, linear.
//
// El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021. The engine goes layer by layer over all examples
// of the rank where a normalisation needs the sums of the global batch, and group by group of images in between.

import Classification
import Kernels
import Tensors

/// A stem, two chains of blocks and a linear layer.
final class TokenNetwork: Network {
  let configuration: NetworkConfiguration
  let parameters: ParameterLayout
  let statistics: ParameterLayout
  var headLayer: String { head.layer }

  private let engine: Engine
  let stem: PatchStem
  let positions: FourierPositions
  let blocks: [CrossCovarianceBlock]
  let classBlocks: [ClassAttentionBlock]
  let finalNorm: LayerNormLayer
  /// The batch normalisations.
  let norms: [BatchNormLayer]
  let heads: Int
  /// The probability with which a branch of a block is left out in a training pass.
  let dropPath: Float
  private let classToken: ParameterSlot
  private var head: LinearHead
  private var pixels: PixelInput

  // MARK: - Memory of a pass, sized by `reserve`

  private var hasWeights = false
  private var order = PassOrder()
  /// Of the next forward pass; and whether the last one had any.
  private var addresses: PathAddresses?
  private var hasPaths = false
  /// Factors of all branches of each image.
  private var factors = Tensor(Shape(n: 0, c: 0))
  /// The input of every block, and the output of the last.
  private var x: [Tensor] = []
  /// The input of every block of class attention, and the output of the last.
  private var xs: [Tensor] = []
  /// The gradients between blocks, in memories that take turns.
  private var turns: [Tensor] = [], classTurns: [Tensor] = []
  private var inside: TokenGradients?
  private var classInside: ClassGradients?
  private var dImages = Tensor(Shape(n: 0, c: 3))
  private var shardInputs = Tensor(Shape(n: 0, c: 1))
  private var weightWorkspace = Tensor(Shape(n: 0, c: 1))

  /// The network of `depth` blocks, in the order of timm's parameters.
  init(
    _ configuration: NetworkConfiguration, _ engine: Engine, channels: Int, depth: Int, heads: Int,
    dropPath: Float
  ) {
    precondition(configuration.isSupported, "no network for \(configuration)")
    self.configuration = configuration
    self.engine = engine
    self.heads = heads
    self.dropPath = dropPath
    var layers = LayerBuilder(engine)
    classToken = layers.tensor("cls_token", [1, 1, channels], .shift, .normal(deviation: 0.02), decays: false)
    stem = PatchStem("patch_embed.proj", configuration.pixels, channels: channels, &layers)
    let map = stem.output
    positions = FourierPositions("pos_embed", map, &layers)
    blocks = (0..<depth).map { CrossCovarianceBlock("blocks.\($0)", map, heads: heads, &layers) }
    let tokens = map.h * map.w + 1
    classBlocks = (0..<2).map {
      ClassAttentionBlock(
        "cls_attn_blocks.\($0)", tokens: tokens, channels: channels, heads: heads, isLast: $0 == 1, &layers)
    }
    norms = stem.norms + blocks.map(\.norm)
    finalNorm = LayerNormLayer("norm", tokens: 1, channels: channels, &layers)
    let linear = layers.linear(
      "head", inputs: channels, outputs: configuration.classes, weight: .normal(deviation: 0.02), bias: .constant(0))
    head = LinearHead(linear, channels: channels, classes: configuration.classes)
    pixels = PixelInput(configuration)
    parameters = layers.parameters
    statistics = layers.statistics
  }

  var passes: Int { order.passes }
  var map: Shape { stem.output }
  /// Tokens of an image, the class token's included.
  var tokens: Int { map.h * map.w + 1 }

  /// Makes room for the packed weights and the threads' scratch memory.
  private func reserveWeights() {
    guard !hasWeights else { return }
    hasWeights = true
    engine.reserveScratch(padded: scratchCount, workspace: workspaceCount)
    for layer in stem.convolutions { layer.reserve() }
    positions.reserve()
    for block in blocks { block.reserveWeights() }
    for block in classBlocks { block.reserveWeights() }
  }

  func reserve(examples: Int, shardSize: Int, views: Int) {
    reserveWeights()
    let count = examples * views
    if order.grow(images: count, views: views).any { reserve(images: order.images) }
    let (inputs, workspace) = shardCounts(images: shardSize * views)
    if weightWorkspace.count < workspace { weightWorkspace = Tensor(Shape(n: 1, c: workspace)) }
    if shardInputs.count < inputs { shardInputs = Tensor(Shape(n: 1, c: inputs)) }
  }

  private func reserve(images count: Int) {
    stem.reserve(images: count, views: order.views)
    for block in blocks { block.reserve(images: count, views: order.views) }
    for block in classBlocks { block.reserve(images: count) }
    finalNorm.reserve(images: count)
    let all = Shape(n: count, h: 1, w: tokens, c: map.c)
    x = (0...blocks.count).map { _ in Tensor(map.times(count)) }
    xs = [Tensor(all), Tensor(all), Tensor(Shape(n: count, c: map.c))]
    head.reserve(images: count)
    if dropPath > 0 { factors = Tensor(Shape(n: count, c: 3 * blocks.count)) }
    turns = (0..<2).map { _ in Tensor(map.times(count)) }
    classTurns = (0..<2).map { _ in Tensor(all) }
    inside = TokenGradients(images: count, map, heads: heads, drawsPaths: dropPath > 0)
    classInside = ClassGradients(images: count, tokens: tokens, channels: map.c)
    dImages = Tensor(Shape(n: count, h: configuration.height, w: configuration.width, c: 3))
  }

  func prepare(_ state: Model) {
    order.prepare(state, of: self)
    reserveWeights()
    for layer in stem.convolutions { layer.prepare(state.parameters) }
    positions.prepare(state.parameters, engine.pool)
    for block in blocks { block.prepare(state, engine) }
    for block in classBlocks { block.prepare(state, engine) }
    pixels.prepare(state.normalisation)
  }

  private func pass(
    _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision
  ) -> Pass {
    Pass(
      state: state, mode: mode, slice: slice, precision: precision, engine: engine, shardInputs: shardInputs,
      weightWorkspace: weightWorkspace)
  }

  func drawPaths(at addresses: PathAddresses) { self.addresses = addresses }

  private func paths(_ block: Int) -> PathFactors { PathFactors(hasPaths ? factors : nil, first: 3 * block) }

  // MARK: - Forward

  func forward(
    _ input: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision
  ) throws -> Tensor {
    order.beginForward(input, state, slice, configuration)
    let pass = pass(state, mode, slice, precision)
    pixels.take(input)
    hasPaths = addresses != nil && dropPath > 0
    if hasPaths, let addresses {
      addresses.draw(into: factors, branches: 3 * blocks.count, rate: dropPath, slice)
    }
    addresses = nil
    if mode == .running { for norm in norms { norm.useRunning(state, views: slice.views.count) } }
    try stem.forward(adding: positions.values, into: x[0], pass) { pixels.load($0, $1) }
    for (i, block) in blocks.enumerated() { try block.forward(x[i], y: x[i + 1], paths(i), pass) }
    let (last, channels) = (x[blocks.count], map.c)
    engine.forEach(pass.count) { n, _ in
      xs[0].image(n).update(from: state.parameters[classToken], count: channels)
      (xs[0].image(n) + channels).update(from: last.image(n), count: map.imageCount)
    }
    for (i, block) in classBlocks.enumerated() { block.forward(xs[i], output: xs[i + 1], pass) }
    engine.forEach(pass.count) { n, _ in
      finalNorm.forward(xs[2].image(n), into: head.features.image(n), image: n, state)
      head.forward(n, state)
    }
    order.endForward(state, mode, slice, precision)
    return head.logits.prefix(pass.count)
  }

  // MARK: - Backward

  func backward(
    _ dLogits: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision,
    gradients: GradientSum?
  ) throws -> Tensor {
    order.checkBackward(dLogits, state, mode, slice, precision, classes: classCount)
    guard let inside, let classInside else { preconditionFailure("reserve(examples:) comes first") }
    let pass = pass(state, mode, slice, precision)
    let channels = map.c
    engine.forEach(pass.count) { n, _ in
      head.inputGradient(dLogits, n, state)
      finalNorm.backward(
        head.dFeatures.image(n), x: xs[2].image(n), image: n, state, takesGradients: gradients != nil)
    }
    if let gradients {
      head.accumulate(dLogits, slice, gradients)
      finalNorm.accumulate(pass, gradients)
    }
    classBlocks[1].backward(head.dFeatures, x: xs[1], dx: classTurns[1], classInside, pass, gradients: gradients)
    classBlocks[0].backward(classTurns[1], x: xs[0], dx: classTurns[0], classInside, pass, gradients: gradients)
    gradients?.accumulateImages(classToken, slice) { classTurns[0].image($0) }
    engine.forEach(pass.count) { n, _ in
      turns[blocks.count % 2].image(n).update(from: classTurns[0].image(n) + channels, count: map.imageCount)
    }
    for (i, block) in blocks.enumerated().reversed() {
      try block.backward(
        turns[(i + 1) % 2], x: x[i], dx: turns[i % 2], inside, paths(i), pass, gradients: gradients)
    }
    if let gradients { positions.accumulate(turns[0], pass, gradients) }
    try stem.backward(turns[0], into: dImages, pass, gradients: gradients) { pixels.load($0, $1) }
    // Nobody asks for the gradient in the images of a training pass.
    if gradients != nil { return dImages.prefix(0) }
    engine.forEach(pass.count) { n, _ in pixels.finishGradient(dImages, n..<n + 1) }
    return dImages.prefix(pass.count)
  }
}
