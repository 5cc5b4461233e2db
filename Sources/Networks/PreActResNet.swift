// PreActResNet-18 for small images, with a final BatchNorm:
//
//   normalise, conv 3x3, 4 stages of 2 blocks (w, 2w, 4w, 8w channels; strides 1, 2, 2, 2), BN, ReLU,
//   global average, linear.
//
// Parameters carry PyTorch's names, in the order of robust_overfitting's preactresnet.py. The engine goes layer by
// layer over all examples of the rank, since a normalisation needs the sums of the global batch before it can go on.

import Classification
import Kernels
import Tensors

/// PreActResNet-18 of any width; 64 is the literature's.
package final class PreActResNet: Network {
  package let configuration: NetworkConfiguration
  package let parameters: ParameterLayout
  package let statistics: ParameterLayout
  package var classCount: Int { configuration.classes }

  private let engine: Engine
  let stem: ConvolutionLayer
  let blocks: [PreActBlock]
  /// All of them: the stem's and the blocks'.
  let convolutions: [ConvolutionLayer]
  private let finalNorm: BatchNormLayer
  private let linearWeight: ParameterSlot, linearBias: ParameterSlot
  /// 1/σ and −μ/σ of the pixels, and zeros; of the state last prepared.
  private let normalisation: Tensor

  // MARK: - Memory of a pass, sized by `reserve`

  private var hasFilters = false
  private var capacity = 0
  private var viewCapacity = 0
  /// The weights whose filters are packed.
  private var prepared: Model?
  private var kept: KeptPass?
  package private(set) var passes = 0
  /// x of every block and of the final normalisation; h of every block.
  private var x: [Tensor] = []
  private var h: [Tensor] = []
  private var images = Tensor(Shape(n: 0, c: 3))
  private var pooled = Tensor(Shape(n: 0, c: 1))
  private var dPooled = Tensor(Shape(n: 0, c: 1))
  private var logitsMemory = Tensor(Shape(n: 0, c: 1))
  /// Two gradients of a block's boundary that take turns, and one of its inside.
  private var boundaries: [Storage] = []
  private var inside = Storage(count: 0)
  private var dImages = Tensor(Shape(n: 0, c: 3))
  private var shardInputs = Tensor(Shape(n: 0, c: 1))
  private var weightWorkspace = Tensor(Shape(n: 0, c: 1))

  package init(_ configuration: NetworkConfiguration, engine: Engine) {
    precondition(configuration.isSupported, "no network for \(configuration)")
    self.configuration = configuration
    self.engine = engine
    var parameters = ParameterLayout()
    var statistics = ParameterLayout()
    var (height, width) = (configuration.height, configuration.width)
    var channels = configuration.channels
    stem = ConvolutionLayer(
      "conv1.weight",
      ConvolutionGeometry(
        height: height, width: width, inputChannels: 3, outputChannels: channels, kernel: 3, stride: 1),
      engine, in: &parameters)
    var blocks: [PreActBlock] = []
    for stage in 1...4 {
      for index in 0..<2 {
        let stride = stage > 1 && index == 0 ? 2 : 1
        let outputChannels = configuration.channels << (stage - 1)
        blocks.append(
          PreActBlock(
            "layer\(stage).\(index)", height: height, width: width, inputChannels: channels,
            outputChannels: outputChannels, stride: stride, engine: engine, parameters: &parameters,
            statistics: &statistics))
        (height, width, channels) = (height / stride, width / stride, outputChannels)
      }
    }
    self.blocks = blocks
    convolutions = [stem] + blocks.flatMap(\.convolutions)
    finalNorm = BatchNormLayer(
      "bn", channels: channels, pixels: height * width, parameters: &parameters, statistics: &statistics)
    linearWeight = parameters.append("linear.weight", [configuration.classes, channels], .matrix, fanIn: channels)
    linearBias = parameters.append("linear.bias", [configuration.classes], .bias, fanIn: channels)
    self.parameters = parameters
    self.statistics = statistics
    normalisation = Tensor(Shape(n: 3, c: 16))
  }

  /// BatchNorm layers in order; `norms[i]` follows the tensor x[i] for blocks, the last the final one.
  private func norm(after block: Int) -> BatchNormLayer { block + 1 < blocks.count ? blocks[block + 1].bn1 : finalNorm }

  /// Makes room for the packed filters and the threads' scratch memory.
  private func reserveFilters() {
    guard !hasFilters else { return }
    hasFilters = true
    engine.reserveScratch(
      padded: convolutions.map(\.scratchCount).max() ?? 0, workspace: convolutions.map(\.workspaceCount).max() ?? 0)
    for layer in convolutions { layer.reserve() }
  }

  package func reserve(examples: Int, shardSize: Int, views: Int) {
    reserveFilters()
    let count = examples * views
    if count > capacity || views > viewCapacity {
      viewCapacity = max(views, viewCapacity)
      let norms = blocks.flatMap { [$0.bn1, $0.bn2] } + [finalNorm]
      for norm in norms { norm.reserve(images: count, views: viewCapacity) }
    }
    if count > capacity {
      kept = nil
      capacity = count
      x = blocks.map { block in
        let g = block.conv1.geometry
        return Tensor(Shape(n: count, h: g.height, w: g.width, c: g.inputChannels))
      }
      h = blocks.map { block in
        let g = block.conv2.geometry
        return Tensor(Shape(n: count, h: g.height, w: g.width, c: g.inputChannels))
      }
      let last = blocks[blocks.count - 1].conv2.geometry
      x.append(Tensor(Shape(n: count, h: last.outputHeight, w: last.outputWidth, c: last.outputChannels)))
      pooled = Tensor(Shape(n: count, c: last.outputChannels))
      dPooled = Tensor(Shape(n: count, c: last.outputChannels))
      logitsMemory = Tensor(Shape(n: count, c: configuration.classes))
      boundaries = (0..<2).map { _ in Storage(count: x.map(\.count).max()!) }
      inside = Storage(count: h.map(\.count).max()!)
      dImages = Tensor(Shape(n: count, h: configuration.height, w: configuration.width, c: 3))
    }
    let inputs = convolutions.map { $0.weightInputCount(shardSize: shardSize * views) }.max()!
    let workspace = convolutions.map(\.weightWorkspaceCount).max()!
    if weightWorkspace.count < workspace { weightWorkspace = Tensor(Shape(n: 1, c: workspace)) }
    if shardInputs.count < inputs { shardInputs = Tensor(Shape(n: 1, c: inputs)) }
  }

  package func prepare(_ state: Model) {
    precondition(state.parameters.layout == parameters, "weights of another network")
    reserveFilters()
    for layer in convolutions { layer.prepare(state.parameters, engine) }
    for c in 0..<3 {
      normalisation.image(0)[c] = state.normalisation.scale(c)
      normalisation.image(1)[c] = state.normalisation.shift(c)
    }
    prepared = state
    kept = nil
  }

  private func pass(_ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice) -> Pass {
    Pass(
      state: state, mode: mode, slice: slice, engine: engine, shardInputs: shardInputs, weightWorkspace: weightWorkspace
    )
  }

  // MARK: - Forward

  package func forward(
    _ input: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice
  ) throws -> Tensor {
    precondition(
      slice.imageCount <= capacity && slice.views.count <= viewCapacity, "reserve(examples:) comes first")
    precondition(prepared === state, "prepare(_:) comes first, with these weights")
    precondition(
      input.shape == Shape(n: slice.imageCount, h: configuration.height, w: configuration.width, c: 3),
      "images of \(input.shape) for \(slice.imageCount)")
    kept = nil
    let pass = pass(state, mode, slice)
    images = input
    engine.forEachGroup(of: pass.count, size: stem.groupSize) { range, scratch in
      loadPixels(range, scratch.padded)
      stem.forward(scratch, into: x[0].image(range.lowerBound), images: range.count)
      if mode != .running { blocks[0].bn1.collect(x[0].image(range.lowerBound), images: range) }
    }
    for (i, block) in blocks.enumerated() {
      try block.bn1.finishForward(state, mode, slice, engine)
      try block.forward(x[i], h: h[i], y: x[i + 1], next: norm(after: i), pass)
    }
    try finalNorm.finishForward(state, mode, slice, engine)
    let last = x[blocks.count]
    engine.forEachGroup(of: pass.count, size: 1) { range, _ in
      let n = range.lowerBound
      Pooling.affineReLUAverage(
        last.image(n), finalNorm.affine(slice.view(ofImage: n)), into: pooled.image(n),
        pixels: last.shape.h * last.shape.w, channels: last.shape.c)
      Linear.forward(
        pooled.image(n), weight: state.parameters[linearWeight], bias: state.parameters[linearBias],
        into: logitsMemory.image(n), classes: classCount, channels: last.shape.c)
    }
    if mode == .batchUpdatingRunning { state.batchesTracked += slice.views.moves.count }
    kept = KeptPass(model: state, mode: mode, slice: slice)
    passes += 1
    return logitsMemory.prefix(pass.count)
  }

  private func loadPixels(_ range: Range<Int>, _ padded: UnsafeMutablePointer<Float>) {
    Padding.affine(
      images.image(range.lowerBound),
      ChannelAffine(scale: normalisation.image(0), shift: normalisation.image(1)), into: padded, images: range.count,
      height: configuration.height, width: configuration.width, channels: 3)
  }

  // MARK: - Backward

  package func backward(
    _ dLogits: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, gradients: GradientSum?
  ) throws -> Tensor {
    precondition(
      kept?.isOf(state, mode, slice) == true, "a backward pass belongs to the last forward pass, with its weights")
    precondition(
      dLogits.shape == Shape(n: slice.imageCount, c: classCount),
      "\(dLogits.shape) for the logits of \(slice.imageCount) images")
    let pass = pass(state, mode, slice)
    let last = x[blocks.count]
    let dy = Tensor(boundaries[0], offset: 0, shape: last.shape)
    let isLocal = BatchNormLayer.isLocal(mode, gradients)
    var turn = 0
    engine.forEachGroup(of: pass.count, size: 1) { range, _ in
      let n = range.lowerBound
      Linear.inputGradient(
        dLogits.image(n), weight: state.parameters[linearWeight], into: dPooled.image(n), classes: classCount,
        channels: last.shape.c)
      Pooling.spread(
        dPooled.image(n), into: dy.image(n), pixels: last.shape.h * last.shape.w, channels: last.shape.c)
      finalNorm.backward(dy.image(n), x: last.image(n), adding: nil, isLocal: isLocal, images: range, slice)
    }
    if let gradients { linearGradients(dLogits, slice, gradients) }
    try finalNorm.finishBackward(mode, slice, engine, gradients: gradients)
    var boundary = BoundaryGradient(tensor: dy, x: last, norm: finalNorm, slice: slice, skip: nil, isFinished: isLocal)
    for (i, block) in blocks.enumerated().reversed() {
      turn = 1 - turn
      let dx = Tensor(boundaries[turn], offset: 0, shape: x[i].shape)
      let dh = Tensor(inside, offset: 0, shape: h[i].shape)
      boundary = try block.backward(boundary, x: x[i], h: h[i], dh: dh, dx: dx, pass, gradients: gradients)
    }
    if let gradients {
      // Nobody asks for the gradient in the images of a training pass.
      engine.forEachGroup(of: pass.count, size: 1) { range, _ in boundary.finish(range) }
      pass.accumulate(stem, boundary.tensor, gradients) { loadPixels($0, $1) }
      return dImages.prefix(0)
    }
    engine.forEachGroup(of: pass.count, size: stem.groupSize) { range, scratch in
      boundary.finish(range)
      Padding.copy(
        boundary.tensor.image(range.lowerBound), into: scratch.padded, images: range.count, height: dImages.shape.h,
        width: dImages.shape.w, channels: stem.geometry.outputChannels)
      let out = dImages.image(range.lowerBound)
      var ahead = FetchAhead()
      boundary.fetch(&ahead, after: range, threads: engine.pool.threadCount)
      stem.inputGradient(scratch, into: out, images: range.count, ahead: ahead)
      // x = (pixel − μ)/σ
      for i in 0..<range.count * dImages.shape.imageCount { out[i] *= normalisation.image(0)[i % 3] }
    }
    return dImages.prefix(pass.count)
  }

  private func linearGradients(_ dLogits: Tensor, _ slice: BatchSlice, _ gradients: GradientSum) {
    let channels = pooled.shape.c
    gradients.accumulate(linearWeight) { shards, leaf in
      leaf.update(repeating: 0, count: linearWeight.count)
      for n in slice.images(of: shards) {
        Linear.addWeightGradient(
          dLogits.image(n), x: pooled.image(n), into: leaf, classes: classCount, channels: channels)
      }
    }
    gradients.accumulate(linearBias) { shards, leaf in
      leaf.update(repeating: 0, count: linearBias.count)
      for n in slice.images(of: shards) {
        for k in 0..<classCount { leaf[k] += dLogits.image(n)[k] }
      }
    }
  }
}
