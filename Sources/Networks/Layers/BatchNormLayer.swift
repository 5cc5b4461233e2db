// Batch normalisation over the global batch, with the ReLU behind it.
//
// Forward and backward each have one sum over all examples: images are summed one by one, shards image by image, the
// shards along the tree over all ranks. In between the layer only holds coefficients per channel. A pass over several views
// normalises each by its own statistics, and has one sum for all of them.

import Classification
import Kernels
import Parallelism
import Tensors

/// A normalisation of C channels and its coefficients of the current pass.
final class BatchNormLayer {
  let weight: ParameterSlot, bias: ParameterSlot
  let runningMean: ParameterSlot, runningVariance: ParameterSlot
  let map: NormalisedMap
  var channels: Int { map.channels }
  private var pixels: Int { map.pixels }

  /// scale, shift, mean, slope, offset; C each, for each view.
  private var coefficients: Tensor
  /// 1/σ of each channel, for each view.
  private var inverseDeviation: [Double]
  private var imageParts: UnsafeMutableBufferPointer<Double>
  private var shardParts: UnsafeMutableBufferPointer<Double>

  init(
    _ name: String, height: Int, width: Int, channels: Int, parameters: inout ParameterLayout,
    statistics: inout ParameterLayout
  ) {
    map = NormalisedMap(height: height, width: width, channels: channels)
    weight = parameters.append("\(name).weight", [channels], .scale, .constant(1))
    bias = parameters.append("\(name).bias", [channels], .shift, .constant(0))
    runningMean = statistics.append("\(name).running_mean", [channels], .runningMean, .constant(0))
    runningVariance = statistics.append("\(name).running_var", [channels], .runningVariance, .constant(1))
    coefficients = Tensor(Shape(n: 0, c: 1))
    inverseDeviation = []
    imageParts = .allocate(capacity: 0)
    shardParts = .allocate(capacity: 0)
  }

  deinit {
    imageParts.deallocate()
    shardParts.deallocate()
  }

  /// Makes room for passes over up to `images` images in up to `views` views.
  func reserve(images: Int, views: Int) {
    if inverseDeviation.count < views * channels {
      coefficients = Tensor(Shape(n: 5 * views, c: (channels + 15) & ~15))
      inverseDeviation = [Double](repeating: 0, count: views * channels)
    }
    let count = max(views, images) * Moments.width(channels)
    if count <= imageParts.count { return }
    imageParts.deallocate()
    shardParts.deallocate()
    imageParts = .allocate(capacity: count)
    shardParts = .allocate(capacity: count)
  }

  private func coefficient(_ row: Int, _ view: Int) -> UnsafeMutablePointer<Float> {
    coefficients.image(5 * view + row)
  }

  /// z = scale·x + shift of a view.
  func affine(_ view: Int) -> ChannelAffine {
    ChannelAffine(scale: coefficient(0, view), shift: coefficient(1, view))
  }

  /// What the backward pass reads; complete after `finishBackward`.
  func gradientCoefficients(_ view: Int) -> BatchNormCoefficients {
    BatchNormCoefficients(
      affine: affine(view), mean: coefficient(2, view), slope: coefficient(3, view), offset: coefficient(4, view))
  }

  // MARK: - Forward

  /// Takes the moments of some images of x, dense from image `range.lowerBound` on.
  func collect(_ x: UnsafePointer<Float>, images range: Range<Int>) {
    for (i, image) in range.enumerated() {
      let part = imageParts.baseAddress! + image * Moments.width(channels)
      part.update(repeating: 0, count: Moments.width(channels))
      Moments.add(image: x + i * pixels * channels, pixels: pixels, channels: channels, to: part)
    }
  }

  /// Turns the moments of all shards into coefficients, and moves the running statistics if asked to; nothing with running
  /// statistics, which `useRunning` takes once for a pass.
  func finishForward(_ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ engine: Engine) throws {
    if mode == .running { return }
    let views = slice.views
    let width = Moments.width(channels)
    addImages(slice, width, .moments(channels: channels), engine.pool)
    let total = shardParts.baseAddress!
    try engine.reduction.reduce(
      total, width: views.count * width, .moments(channels: channels, views: views.count), over: slice)
    for view in 0..<views.count {
      let moments = total + view * width
      setAffine(state, view, mean: { moments[1 + $0] }, variance: { moments[1 + channels + $0] / moments[0] })
    }
    guard mode == .batchUpdatingRunning else { return }
    for view in views.moves { moveRunning(state, total + view * width) }
  }

  /// running = 0.9·running + 0.1·batch; the variance is the unbiased one.
  private func moveRunning(_ state: Model, _ moments: UnsafePointer<Double>) {
    let means = state.statistics[runningMean]
    let variances = state.statistics[runningVariance]
    for c in 0..<channels {
      means[c] = Float(0.9 * Double(means[c]) + 0.1 * moments[1 + c])
      variances[c] = Float(0.9 * Double(variances[c]) + 0.1 * moments[1 + channels + c] / (moments[0] - 1))
    }
  }

  /// Makes the coefficients of a pass with running statistics, forward and backward: μ and σ are constants to it.
  func useRunning(_ state: Model, views: Int) {
    let means = state.statistics[runningMean]
    let variances = state.statistics[runningVariance]
    for view in 0..<views {
      setAffine(state, view, mean: { Double(means[$0]) }, variance: { Double(variances[$0]) })
      coefficient(3, view).update(repeating: 0, count: channels)
      coefficient(4, view).update(repeating: 0, count: channels)
    }
  }

  private func setAffine(
    _ state: Model, _ view: Int, mean: (Int) -> Double, variance: (Int) -> Double
  ) {
    let (gammas, betas) = (state.parameters[weight], state.parameters[bias])
    let (scale, shift, means) = (coefficient(0, view), coefficient(1, view), coefficient(2, view))
    for c in 0..<channels {
      let (gamma, mean) = (Double(gammas[c]), mean(c))
      let inverse = 1 / (variance(c) + 1e-5).squareRoot()
      inverseDeviation[view * channels + c] = inverse
      scale[c] = Float(gamma * inverse)
      shift[c] = Float(Double(betas[c]) - mean * gamma * inverse)
      means[c] = Float(mean)
    }
  }

  // MARK: - Backward

  /// Whether μ and σ are constants to a backward pass without weights' gradients: then dx of an image needs no sum over
  /// others.
  static func isLocal(_ mode: BatchStatistics, _ gradients: GradientSum?) -> Bool {
    mode == .running && gradients == nil
  }

  /// Masks da by the ReLU, in place, for some images, and takes the two sums; where `isLocal`, makes dx (+ `skip`) of it
  /// at once.
  func backward(
    _ da: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, adding skip: UnsafePointer<Float>?, isLocal: Bool,
    images range: Range<Int>, _ slice: BatchSlice
  ) {
    slice.forEachRun(of: range) { run, view in
      if isLocal {
        let at = (run.lowerBound - range.lowerBound) * pixels * channels
        return BatchNormGradient.maskAndScale(
          da + at, x: x + at, affine: affine(view), adding: skip.map { $0 + at }, pixels: run.count * pixels,
          channels: channels)
      }
      for image in run {
        let part = imageParts.baseAddress! + image * 2 * channels
        part.update(repeating: 0, count: 2 * channels)
        let at = (image - range.lowerBound) * pixels * channels
        BatchNormGradient.maskAndSum(
          da + at, x: x + at, affine: affine(view), mean: coefficient(2, view), pixels: pixels, channels: channels,
          sums: part)
      }
    }
  }

  /// Takes the two sums of a gradient without a ReLU in front of it, for some images.
  func collect(
    gradient dz: UnsafePointer<Float>, x: UnsafePointer<Float>, images range: Range<Int>, _ slice: BatchSlice
  ) {
    slice.forEachRun(of: range) { run, view in
      for image in run {
        let part = imageParts.baseAddress! + image * 2 * channels
        part.update(repeating: 0, count: 2 * channels)
        let at = (image - range.lowerBound) * pixels * channels
        BatchNormGradient.sum(
          dz + at, x: x + at, mean: coefficient(2, view), pixels: pixels, channels: channels, sums: part)
      }
    }
  }

  /// dx of some images from dz, whose sums are complete; dx may be dz.
  func inputGradient(_ dz: Tensor, x: Tensor, into dx: Tensor, _ images: Range<Int>, _ slice: BatchSlice) {
    slice.forEachRun(of: images) { run, view in
      let at = run.lowerBound
      BatchNormGradient.inputGradient(
        dz.image(at), x: x.image(at), gradientCoefficients(view), adding: nil, into: dx.image(at),
        pixels: run.count * pixels, channels: channels)
    }
  }

  /// Turns the sums of all shards into the coefficients of dx; leaves the shards' dγ and dβ with `gradients`.
  func finishBackward(
    _ mode: BatchStatistics, _ slice: BatchSlice, _ engine: Engine, gradients: GradientSum?
  ) throws {
    let (views, width) = (slice.views.count, 2 * channels)
    if mode != .running || gradients != nil { addImages(slice, width, .sum, engine.pool) }
    if let gradients { leaveGradients(gradients, slice, width) }
    if mode == .running { return }
    let total = shardParts.baseAddress!
    try engine.reduction.reduce(total, width: views * width, .sum, over: slice)
    let count = Double(slice.layout.batchSize * pixels)
    for view in 0..<views {
      let sums = total + view * width
      let (scales, slope, offset) = (coefficient(0, view), coefficient(3, view), coefficient(4, view))
      for c in 0..<channels {
        let (scale, inverse) = (Double(scales[c]), inverseDeviation[view * channels + c])
        slope[c] = Float(-scale * sums[channels + c] / count * inverse * inverse)
        offset[c] = Float(-scale * sums[c] / count)
      }
    }
  }

  /// dγ and dβ of each shard, all views.
  private func leaveGradients(_ gradients: GradientSum, _ slice: BatchSlice, _ width: Int) {
    let views = slice.views.count
    func sums(_ shards: Range<Int>, _ view: Int) -> UnsafeMutablePointer<Double> {
      shardParts.baseAddress! + ((shards.lowerBound - slice.shards.lowerBound) * views + view) * width
    }
    gradients.accumulate(weight) { shards, leaf in
      for c in 0..<channels {
        var sum = sums(shards, 0)[channels + c] * inverseDeviation[c]
        for view in 1..<max(1, views) {
          sum += sums(shards, view)[channels + c] * inverseDeviation[view * channels + c]
        }
        leaf[c] = Float(sum)
      }
    }
    gradients.accumulate(bias) { shards, leaf in
      for c in 0..<channels {
        var sum = sums(shards, 0)[c]
        for view in 1..<max(1, views) { sum += sums(shards, view)[c] }
        leaf[c] = Float(sum)
      }
    }
  }

  /// Joins the images of each shard and view, in order; threads share the shards.
  private func addImages(_ slice: BatchSlice, _ width: Int, _ kind: PartialSum, _ pool: ThreadPool) {
    let views = slice.views.count
    let (from, to) = (imageParts.baseAddress!, shardParts.baseAddress!)
    pool.forEach(slice.shards.count * views) { piece, _ in
      let (index, view) = piece.quotientAndRemainder(dividingBy: views)
      let part = to + piece * width
      let images = slice.images(of: slice.shards.lowerBound + index, view: view)
      part.update(from: from + images.lowerBound * width, count: width)
      for image in images.dropFirst() { kind.merge(part, from + image * width, width: width) }
    }
  }
}
