// Batch normalisation over the global batch, with the ReLU behind it.
//
// Forward and backward each have one sum over all examples: images are summed one by one, shards image by image, the
// shards along the tree over all ranks. In between the layer only holds coefficients per channel.

import Classification
import Kernels
import Tensors

/// A normalisation of C channels and its coefficients of the current pass.
final class BatchNormLayer {
  let weight: ParameterSlot, bias: ParameterSlot
  let runningMean: ParameterSlot, runningVariance: ParameterSlot
  let channels: Int
  private let pixels: Int

  /// scale, shift, mean, slope, offset; C each.
  private let coefficients: Tensor
  private var inverseDeviation: [Double]
  private var imageParts: UnsafeMutableBufferPointer<Double>
  private var shardParts: UnsafeMutableBufferPointer<Double>

  init(
    _ name: String, channels: Int, pixels: Int, parameters: inout ParameterLayout, statistics: inout ParameterLayout
  ) {
    self.channels = channels
    self.pixels = pixels
    weight = parameters.append("\(name).weight", [channels], .scale)
    bias = parameters.append("\(name).bias", [channels], .shift)
    runningMean = statistics.append("\(name).running_mean", [channels], .runningMean)
    runningVariance = statistics.append("\(name).running_var", [channels], .runningVariance)
    coefficients = Tensor(Shape(n: 5, c: (channels + 15) & ~15))
    inverseDeviation = [Double](repeating: 0, count: channels)
    imageParts = .allocate(capacity: 0)
    shardParts = .allocate(capacity: 0)
  }

  deinit {
    imageParts.deallocate()
    shardParts.deallocate()
  }

  /// Makes room for the parts of `images` images.
  func reserve(images: Int) {
    let count = max(1, images) * Moments.width(channels)
    if count <= imageParts.count { return }
    imageParts.deallocate()
    shardParts.deallocate()
    imageParts = .allocate(capacity: count)
    shardParts = .allocate(capacity: count)
  }

  /// z = scale·x + shift.
  var affine: ChannelAffine { ChannelAffine(scale: coefficients.image(0), shift: coefficients.image(1)) }
  /// What the backward pass reads; complete after `finishBackward`.
  var gradientCoefficients: BatchNormCoefficients {
    BatchNormCoefficients(
      affine: affine, mean: coefficients.image(2), slope: coefficients.image(3), offset: coefficients.image(4))
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

  /// Turns the moments of all shards into coefficients, and moves the running statistics if asked to.
  func finishForward(_ state: ModelState, _ mode: BatchStatistics, _ slice: BatchSlice, _ engine: Engine) throws {
    if mode == .running { return useRunning(state) }
    let width = Moments.width(channels)
    addImages(slice, width, .moments(channels: channels))
    let total = shardParts.baseAddress!
    try engine.reduction.reduce(total, width: width, .moments(channels: channels), over: slice)
    let count = total[0]
    for c in 0..<channels {
      setAffine(state, c, mean: total[1 + c], variance: total[1 + channels + c] / count)
    }
    if mode == .batchUpdatingRunning {
      let means = state.statistics[runningMean]
      let variances = state.statistics[runningVariance]
      for c in 0..<channels {
        means[c] = Float(0.9 * Double(means[c]) + 0.1 * total[1 + c])
        variances[c] = Float(0.9 * Double(variances[c]) + 0.1 * total[1 + channels + c] / (count - 1))
      }
    }
  }

  private func useRunning(_ state: ModelState) {
    let means = state.statistics[runningMean]
    let variances = state.statistics[runningVariance]
    for c in 0..<channels { setAffine(state, c, mean: Double(means[c]), variance: Double(variances[c])) }
  }

  private func setAffine(_ state: ModelState, _ c: Int, mean: Double, variance: Double) {
    let gamma = Double(state.parameters[weight][c])
    inverseDeviation[c] = 1 / (variance + 1e-5).squareRoot()
    coefficients.image(0)[c] = Float(gamma * inverseDeviation[c])
    coefficients.image(1)[c] = Float(Double(state.parameters[bias][c]) - mean * gamma * inverseDeviation[c])
    coefficients.image(2)[c] = Float(mean)
  }

  // MARK: - Backward

  /// Masks da by the ReLU, in place, and takes the two sums, for some images.
  func maskAndCollect(_ da: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, images range: Range<Int>) {
    for (i, image) in range.enumerated() {
      let part = imageParts.baseAddress! + image * 2 * channels
      part.update(repeating: 0, count: 2 * channels)
      let at = i * pixels * channels
      BatchNormGradient.maskAndSum(
        da + at, x: x + at, affine: affine, mean: coefficients.image(2), pixels: pixels, channels: channels,
        sums: part)
    }
  }

  /// Turns the sums of all shards into the coefficients of dx; leaves the shards' dγ and dβ with `gradients`.
  func finishBackward(
    _ mode: BatchStatistics, _ slice: BatchSlice, _ engine: Engine, gradients: GradientSum?
  ) throws {
    let width = 2 * channels
    if mode != .running || gradients != nil { addImages(slice, width, .sum) }
    if let gradients { leaveGradients(gradients, slice, width) }
    if mode == .running {
      for c in 0..<channels {
        coefficients.image(3)[c] = 0
        coefficients.image(4)[c] = 0
      }
      return
    }
    let total = shardParts.baseAddress!
    try engine.reduction.reduce(total, width: width, .sum, over: slice)
    let count = Double(slice.layout.batchSize * pixels)
    for c in 0..<channels {
      let scale = Double(coefficients.image(0)[c])
      coefficients.image(3)[c] = Float(-scale * total[channels + c] / count * inverseDeviation[c] * inverseDeviation[c])
      coefficients.image(4)[c] = Float(-scale * total[c] / count)
    }
  }

  private func leaveGradients(_ gradients: GradientSum, _ slice: BatchSlice, _ width: Int) {
    func part(_ shards: Range<Int>) -> UnsafeMutablePointer<Double> {
      shardParts.baseAddress! + (shards.lowerBound - slice.shards.lowerBound) * width
    }
    gradients.accumulate(weight) { shards, leaf in
      for c in 0..<channels { leaf[c] = Float(part(shards)[channels + c] * inverseDeviation[c]) }
    }
    gradients.accumulate(bias) { shards, leaf in
      for c in 0..<channels { leaf[c] = Float(part(shards)[c]) }
    }
  }

  /// Joins the images of each shard, in order.
  private func addImages(_ slice: BatchSlice, _ width: Int, _ kind: PartialSum) {
    for (index, shard) in slice.shards.enumerated() {
      let part = shardParts.baseAddress! + index * width
      let images = slice.local(shard)
      part.update(from: imageParts.baseAddress! + images.lowerBound * width, count: width)
      for image in images.dropFirst() { kind.merge(part, imageParts.baseAddress! + image * width, width: width) }
    }
  }
}
