// A convolution of a network: where its filters live, and what is derived from them once per optimizer step.

import Classification
import Kernels
import Parallelism
import Tensors

extension ConvolutionGeometry {
  /// Images whose padded inputs a worker takes at once: enough pixels to pay for streaming the filters, and four times as
  /// many in the deeper layers, whose filters no near cache holds.
  package var groupSize: Int { max(1, (outputPixels > 64 ? 256 : 1024) / outputPixels) }
}

/// A convolution without bias, with its filters packed for both directions.
struct ConvolutionLayer {
  let slot: ParameterSlot
  let geometry: ConvolutionGeometry
  /// In Float.
  private let full: ConvolutionPrograms
  /// In bfloat16; nil where no pass asks for it, or there are none for this geometry.
  private let reduced: ConvolutionPrograms?
  private let weightProgram: any WeightGradientProgram
  private let engine: Engine

  /// Describes the convolution; takes no memory to speak of.
  init(
    _ name: String, _ geometry: ConvolutionGeometry, _ engine: Engine, _ initializer: Initializer,
    in layout: inout ParameterLayout
  ) {
    precondition(geometry.isSupported, "no kernel for \(geometry)")
    self.geometry = geometry
    self.engine = engine
    let g = geometry
    slot = layout.append(
      name, [g.outputChannels, g.inputChannels, g.kernel, g.kernel], .filter, initializer)
    full = ConvolutionPrograms(
      forward: engine.convolution.forward(g, engine.product),
      gradients: engine.convolution.inputGradient(g, engine.product))
    reduced = engine.bfloat16.flatMap { engine.convolution.reduced(g, by: $0) }
      .map { ConvolutionPrograms(forward: $0.forward, gradients: [$0.inputGradient]) }
    weightProgram = engine.convolution.weightGradient(g, engine.product)
  }

  var groupSize: Int { geometry.groupSize }

  /// Whether passes in bfloat16 multiply in it here.
  var isReduced: Bool { reduced != nil }

  /// The algorithms of a pass.
  private func programs(_ precision: Precision) -> ConvolutionPrograms {
    switch precision {
    case .float32: full
    case .bfloat16: reduced ?? full
    }
  }

  private var allPrograms: [any ImageProgram] { full.all + (reduced?.all ?? []) }

  /// Floats of the filters packed for both directions.
  var packedCount: Int { full.packedCount + (reduced?.packedCount ?? 0) }

  /// Floats of the filters that a pass in Float reads in one direction, or nearly so.
  var passFilterCount: Int { full.packedCount / 2 }

  /// Floats of scratch that a group needs, for an operator in either direction.
  var scratchCount: Int { groupSize * max(geometry.paddedInputCount, geometry.paddedOutputCount) }

  /// Floats of workspace that an operator in either direction needs.
  var workspaceCount: Int { allPrograms.map(\.workspaceCount).max() ?? 0 }

  /// Floats of workspace that the weight gradient needs.
  var weightWorkspaceCount: Int { weightProgram.workspaceCount }

  /// Shards whose weight gradient is taken at once: a power of two.
  func shardsAtOnce(shardSize: Int) -> Int {
    let most = max(1, weightProgram.imagesAtOnce / shardSize)
    return 1 << (SummationTree.places(most) - 1)
  }

  /// Floats of the padded inputs for these, or for smaller shards.
  func weightInputCount(shardSize: Int) -> Int {
    max(shardSize, weightProgram.imagesAtOnce) * geometry.paddedInputCount
  }

  /// Makes room for the packed filters.
  func reserve() {
    full.reserve()
    reduced?.reserve()
  }

  /// Packs the filters for both directions; `reserve` comes first.
  func prepare(_ parameters: ParameterBuffer) {
    full.prepare(parameters[slot], engine)
    reduced?.prepare(parameters[slot], engine)
  }

  /// Floats of a tile's transformed values; 0 where nothing is transformed.
  var tileCount: Int {
    allPrograms.map {
      ($0 as? any TransformedProgram).map { $0.products * ($0.depth + $0.channels) } ?? 0
    }.max() ?? 0
  }

  /// Floats of transformed values that threads share, for so many images or fewer.
  func sharedCount(images: Int) -> Int {
    allPrograms.map { engine.sharedCount($0, images: images) }.max() ?? 0
  }

  /// y = w ∗ x (+ residual) for the images of a pass, by all threads.
  ///
  /// - Parameters:
  ///   - residual: may be y.
  ///   - load: lays some images, padded, into scratch memory.
  ///   - ahead: what will be read next, behind some images.
  ///   - finish: does what follows, once some images' outputs are written.
  func forward(
    _ pass: Pass, into y: Tensor, residual: Tensor? = nil,
    load: (_ images: Range<Int>, _ scratch: Scratch) -> Void,
    ahead: (_ images: Range<Int>) -> FetchAhead = { _ in FetchAhead() },
    finish: (_ images: Range<Int>, _ scratch: Scratch) -> Void
  ) {
    let programs = programs(pass.precision)
    if let program = engine.shares(programs.forward, geometry, images: pass.images.count) {
      return engine.runTogether(
        program, packed: programs.packed.forward, images: pass.images, into: y, residual: residual, load: load,
        finish: finish)
    }
    engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      load(images, scratch)
      let first = images.lowerBound
      forward(
        scratch, into: y.image(first), residual: residual.map { UnsafePointer($0.image(first)) }, images: images.count,
        pass.precision, ahead: ahead(images))
      finish(images, scratch)
    }
  }

  /// dx = wᵀ ∗ dy for the images of a pass, by all threads.
  ///
  /// - Parameters:
  ///   - load: lays some images of dy, padded, into scratch memory.
  ///   - ahead: what will be read next, behind some images.
  ///   - finish: does what follows, once some images of dx are written.
  func inputGradient(
    _ pass: Pass, into dx: Tensor, load: (_ images: Range<Int>, _ scratch: Scratch) -> Void,
    ahead: (_ images: Range<Int>) -> FetchAhead = { _ in FetchAhead() },
    finish: (_ images: Range<Int>, _ scratch: Scratch) -> Void
  ) {
    let programs = programs(pass.precision)
    if programs.gradients.count == 1,
      let program = engine.shares(programs.gradients[0], geometry, images: pass.images.count)
    {
      return engine.runTogether(
        program, packed: programs.packed.gradient[0], images: pass.images, into: dx, residual: nil, load: load,
        finish: finish)
    }
    engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      load(images, scratch)
      inputGradient(
        scratch, into: dx.image(images.lowerBound), images: images.count, pass.precision, ahead: ahead(images))
      finish(images, scratch)
    }
  }

  /// y = w ∗ x (+ residual) for the padded inputs of some images in `scratch`; `residual` may be y.
  ///
  /// - Parameter ahead: what will be read next.
  func forward(
    _ scratch: Scratch, into y: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>? = nil, images: Int,
    _ precision: Precision, ahead: FetchAhead = FetchAhead()
  ) {
    let programs = programs(precision)
    engine.readFilters(programs.forward.packedCount)
    programs.forward.run(
      input: scratch.padded, inputStride: geometry.paddedInputCount, packed: programs.packed.forward.pointer,
      output: y, outputStride: geometry.outputPixels * geometry.outputChannels, residual: residual, images: images,
      workspace: scratch.workspace, ahead: ahead)
  }

  /// dx = wᵀ ∗ dy (+ dx) for the padded output gradients of some images in `scratch`.
  ///
  /// A 1x1 convolution of stride 2 writes only the pixels it read, so it must be `adding`.
  ///
  /// - Parameter ahead: what will be read next.
  func inputGradient(
    _ scratch: Scratch, into dx: UnsafeMutablePointer<Float>, adding: Bool = false, images: Int,
    _ precision: Precision, ahead: FetchAhead = FetchAhead()
  ) {
    let programs = programs(precision)
    for (i, (program, packed)) in zip(programs.gradients, programs.packed.gradient).enumerated() {
      engine.readFilters(program.packedCount)
      program.run(
        input: scratch.padded, inputStride: geometry.paddedOutputCount, packed: packed.pointer,
        output: dx, outputStride: geometry.height * geometry.width * geometry.inputChannels,
        residual: adding ? UnsafePointer(dx) : nil, images: images, workspace: scratch.workspace,
        ahead: i == 0 ? ahead : FetchAhead())
    }
  }

  /// dw, (kh, kw, I, O), for padded inputs and dense output gradients of some images, their shards added along the tree;
  /// all threads of the pool at work, or this one alone without a pool.
  func weightGradient(
    _ padded: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dw: UnsafeMutablePointer<Float>, images: Int,
    shardSize: Int, workspace: UnsafeMutablePointer<Float>, _ pool: ThreadPool?
  ) {
    precondition(images <= max(shardSize, weightProgram.imagesAtOnce), "\(images) images at once")
    weightProgram.run(
      input: padded, inputStride: geometry.paddedInputCount,
      dy: dy, dyStride: geometry.outputPixels * geometry.outputChannels, dw: dw, images: images, shardSize: shardSize,
      workspace: workspace
    ) { count, body in
      guard let pool else { return (0..<count).forEach(body) }
      pool.forEach(count) { piece, _ in body(piece) }
    }
  }
}
