// One convolution with its data, through the engine and through the oracle.

import Kernels
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

/// A convolution by one algorithm, with its data in both layouts.
struct ConvolutionCase {
  let choice: ConvolutionChoice
  let product: MatrixProduct
  /// Who multiplies in bfloat16; nil where that is done in Float.
  let reduced: BFloat16Unit?
  let geometry: ConvolutionGeometry
  let x: OracleTensor, w: OracleTensor, dy: OracleTensor
  let place: String
  private let filters: Tensor
  private var padding: Int { (geometry.kernel - 1) / 2 }
  private var taps: Int { geometry.kernel * geometry.kernel }

  init(
    _ choice: ConvolutionChoice, _ product: MatrixProduct, reduced: BFloat16Unit? = nil,
    _ geometry: ConvolutionGeometry, x: OracleTensor, w: OracleTensor, dy: OracleTensor, place: String
  ) {
    self.reduced = reduced
    self.choice = choice
    self.product = product
    self.geometry = geometry
    self.x = x
    self.w = w
    self.dy = dy
    self.place = place
    filters = Tensor(filters: w)
  }

  func checkForward(_ residual: Residual, _ r: OracleTensor, _ errors: inout ConvolutionErrors) {
    let y = OracleTensor(pictures: forward(Tensor(pictures: x), residual, Tensor(pictures: r)))
    let exact = convolution(x, w, stride: geometry.stride, padding: padding)
    let (magnitude, roundings) =
      choice == .winograd
      ? (
        WinogradMagnitude.convolution(x, w, stride: geometry.stride),
        geometry.inputChannels + WinogradMagnitude.roundings
      )
      : (
        convolution(x.magnitudes, w.magnitudes, stride: geometry.stride, padding: padding),
        taps * geometry.inputChannels + 2
      )
    compare(y, exact, magnitude, residual == .none ? nil : r, roundings, \.forward, &errors)
  }

  func checkInputGradient(_ residual: Residual, _ r: OracleTensor, _ errors: inout ConvolutionErrors) {
    // A 1x1 convolution of stride 2 reaches a quarter of the pixels and so always adds.
    let adding = residual == .output || geometry.kernel < geometry.stride
    let dx = OracleTensor(pictures: inputGradient(Tensor(pictures: dy), adding ? Tensor(pictures: r) : nil))
    func direct(_ dy: OracleTensor, _ w: OracleTensor) -> OracleTensor {
      convolutionInputGradient(dy, w, inputShape: x.shape, stride: geometry.stride, padding: padding)
    }
    let (magnitude, roundings) =
      choice == .winograd
      ? (
        WinogradMagnitude.inputGradient(dy, w, shape: x.shape, stride: geometry.stride),
        geometry.outputChannels + WinogradMagnitude.roundings
      )
      : (direct(dy.magnitudes, w.magnitudes), taps * geometry.outputChannels + 2)
    compare(dx, direct(dy, w), magnitude, adding ? r : nil, roundings, \.inputGradient, &errors)
  }

  /// - Parameter shardSize: images of a shard.
  func checkWeightGradient(shardSize: Int, _ errors: inout ConvolutionErrors) {
    let dw = OracleTensor(filters: weightGradient(Tensor(pictures: x), Tensor(pictures: dy), shardSize: shardSize))
    func direct(_ x: OracleTensor, _ dy: OracleTensor) -> OracleTensor {
      convolutionWeightGradient(x, dy, weightShape: w.shape, stride: geometry.stride, padding: padding)
    }
    let pixels = geometry.outputPixels * x.shape[0]
    let (magnitude, roundings) =
      choice == .winograd && geometry.stride == 1
      ? (WinogradMagnitude.weightGradient(x, dy), pixels / 16 + WinogradMagnitude.roundings)
      : (direct(x.magnitudes, dy.magnitudes), pixels + 2)
    compare(dw, direct(x, dy), magnitude, nil, roundings, \.weightGradient, &errors)
  }

  /// The bits of an image are the same alone, at any place of a group, and among any neighbours.
  func checkIndependence() {
    let (x, dy) = (Tensor(pictures: x), Tensor(pictures: dy))
    let y = forward(x, .other, dy)
    let dx = inputGradient(dy, x)
    for range in [0..<1, 1..<2, 2..<3, 1..<3] {
      let part = forward(x.images(range), .other, dy.images(range)).hasBits(of: y.images(range))
      #expect(part, "forward of images \(range): \(place)")
      let gradient = inputGradient(dy.images(range), x.images(range)).hasBits(of: dx.images(range))
      #expect(gradient, "input gradient of images \(range): \(place)")
    }
  }

  /// Another unit for bfloat16 gives the same bits.
  func checkBits(of unit: BFloat16Unit) {
    let other = ConvolutionCase(choice, product, reduced: unit, geometry, x: x, w: w, dy: dy, place: place)
    let (x, dy) = (Tensor(pictures: x), Tensor(pictures: dy))
    #expect(forward(x, .other, dy).hasBits(of: other.forward(x, .other, dy)), "forward by \(unit): \(place)")
    #expect(inputGradient(dy, x).hasBits(of: other.inputGradient(dy, x)), "input gradient by \(unit): \(place)")
  }

  /// Whether the weight gradient takes all these images at once.
  var takesShardsAtOnce: Bool { x.shape[0] <= choice.weightGradient(geometry, product).imagesAtOnce }

  /// Shards that are taken at once give the bits of shards taken one by one and added along the tree.
  func checkShards(of size: Int) {
    let (x, dy) = (Tensor(pictures: x), Tensor(pictures: dy))
    let images = x.shape.n
    let count = (images + size - 1) / size
    let shards = (0..<count).map { shard in
      let own = shard * size..<min(images, (shard + 1) * size)
      return weightGradient(x.images(own), dy.images(own), shardSize: size)
    }
    SummationTree.reduceLeaves(count) { into, from in
      for i in 0..<shards[into].count { shards[into].pointer[i] += shards[from].pointer[i] }
    }
    let isEqual = weightGradient(x, dy, shardSize: size).hasBits(of: shards[0])
    #expect(isEqual, "weight gradient of \(count) shards: \(place)")
  }

  private func compare(
    _ result: OracleTensor, _ exact: OracleTensor, _ magnitude: OracleTensor, _ residual: OracleTensor?,
    _ roundings: Int, _ direction: WritableKeyPath<ConvolutionErrors, WorstRatio>, _ errors: inout ConvolutionErrors
  ) {
    let exact = residual.map { exact + $0 } ?? exact
    var worst = errors[keyPath: direction]
    for i in result.values.indices {
      let size = magnitude.values[i] + abs(residual?.values[i] ?? 0)
      // Both factors were rounded to 8 bits.
      let factors = reduced == nil ? 0 : 2 * 0x1p-9 + 0x1p-18
      worst.add(result.values[i], exact.values[i], bound: (Double(roundings) * roundoff + factors) * size, place)
    }
    errors[keyPath: direction] = worst
    errors.norms.add(result.distance(to: exact), bound: errors.l2, "\(worst.what): \(place)")
  }

  // MARK: - The engine

  private func packed(_ program: any ImageProgram) -> Tensor {
    let packed = Tensor(Shape(n: 1, c: program.packedCount))
    let workspace = Guarded(Shape(n: 1, c: program.workspaceCount)).tensor
    for panel in 0..<program.panelCount {
      program.pack(filters.pointer, into: packed.pointer, panel: panel, workspace: workspace.pointer)
    }
    return packed
  }

  private func padded(_ x: Tensor) -> Tensor {
    // What lies there before must not matter.
    let padded = Tensor(Shape(n: x.shape.n, h: x.shape.h + 2, w: x.shape.w + 2, c: x.shape.c))
    for i in padded.elements.indices { padded.pointer[i] = 1e9 }
    Padding.copy(
      x.pointer, into: padded.pointer, images: x.shape.n, height: x.shape.h, width: x.shape.w, channels: x.shape.c)
    return padded
  }

  private func run(
    _ program: any ImageProgram, _ input: Tensor, _ output: Tensor, _ residual: UnsafePointer<Float>?
  ) {
    let filters = packed(program)
    // More runs than there is room for, of odd lengths: fetching changes nothing.
    var ahead = FetchAhead()
    for i in 0..<7 { ahead.add(input.pointer, count: 5 * i) }
    let workspace = Guarded(Shape(n: 1, c: program.workspaceCount))
    program.run(
      input: input.pointer, inputStride: input.shape.imageCount, packed: filters.pointer, output: output.pointer,
      outputStride: output.shape.imageCount, residual: residual, images: input.shape.n,
      workspace: workspace.tensor.pointer, ahead: ahead)
    #expect(workspace.isIntact, "wrote beyond the workspace: \(place)")
  }

  private func forward(_ x: Tensor, _ residual: Residual, _ r: Tensor) -> Tensor {
    let y = Guarded(
      Shape(n: x.shape.n, h: geometry.outputHeight, w: geometry.outputWidth, c: geometry.outputChannels))
    if residual == .output { y.tensor.pointer.update(from: r.pointer, count: r.count) }
    let source = residual == .other ? r : y.tensor
    let program = reduced.flatMap { choice.reduced(geometry, by: $0)?.forward } ?? choice.forward(geometry, product)
    run(program, padded(x), y.tensor, residual == .none ? nil : UnsafePointer(source.pointer))
    #expect(y.isIntact, "forward wrote beyond its output: \(place)")
    return y.tensor
  }

  private func inputGradient(_ dy: Tensor, _ r: Tensor?) -> Tensor {
    let dx = Guarded(Shape(n: dy.shape.n, h: geometry.height, w: geometry.width, c: geometry.inputChannels))
    if let r { dx.tensor.pointer.update(from: r.pointer, count: r.count) }
    let input = padded(dy)
    let programs =
      reduced.flatMap { choice.reduced(geometry, by: $0).map { [$0.inputGradient] } }
      ?? choice.inputGradient(geometry, product)
    for program in programs {
      run(program, input, dx.tensor, r == nil ? nil : UnsafePointer(dx.tensor.pointer))
    }
    #expect(dx.isIntact, "input gradient wrote beyond its output: \(place)")
    return dx.tensor
  }

  /// Shards together where the algorithm takes so many images at once, else all images as one shard.
  private func weightGradient(_ x: Tensor, _ dy: Tensor, shardSize: Int) -> Tensor {
    let program = choice.weightGradient(geometry, product)
    let shardSize = x.shape.n <= program.imagesAtOnce ? shardSize : x.shape.n
    let dw = Guarded(
      Shape(n: geometry.kernel, h: geometry.kernel, w: geometry.inputChannels, c: geometry.outputChannels))
    let (input, workspace) = (padded(x), Guarded(Shape(n: 1, c: program.workspaceCount)))
    program.run(
      input: input.pointer, inputStride: input.shape.imageCount, dy: dy.pointer, dyStride: dy.shape.imageCount,
      dw: dw.tensor.pointer, images: x.shape.n, shardSize: shardSize, workspace: workspace.tensor.pointer
    ) { count, body in
      // In any order: threads take the pieces as they come.
      for piece in (0..<count).reversed() { body(piece) }
    }
    #expect(dw.isIntact && workspace.isIntact, "weight gradient wrote beyond its output: \(place)")
    return dw.tensor
  }
}
