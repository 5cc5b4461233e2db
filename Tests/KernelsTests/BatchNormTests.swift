// Batch norm's sums and its backward pass, against two passes in Double and against the oracle.

import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct BatchNormTests {
  /// A Float block of 64 values has a mean with an error of 66 roundings of itself, which its own deviations then
  /// correct: what remains is 66 roundings of those. All blocks are joined in Double.
  @Test(
    arguments: [(1, 3), (4, 16), (16, 8), (64, 24), (65, 80), (65, 16), (256, 10), (1024, 40)],
    [0.0, 1, 30, 1000, 30000])
  func moments(shape: (pixels: Int, channels: Int), offset: Double) {
    let (pixels, channels) = shape
    let images = 3
    let values = OracleData(seed: 9).values([images, pixels, channels], number: 1).map { $0 + offset }.rounded
    let width = Moments.width(channels)
    let x = Tensor(Storage(count: values.count), offset: 0, shape: Shape(n: images, h: pixels, c: channels))
    for i in values.values.indices { x.pointer[i] = Float(values.values[i]) }
    let parts = UnsafeMutablePointer<Double>.allocate(capacity: images * width)
    defer { parts.deallocate() }
    parts.update(repeating: 0, count: images * width)
    for n in 0..<images {
      Moments.add(image: x.image(n), pixels: pixels, channels: channels, to: parts + n * width)
    }
    for n in 1..<images { Moments.merge(parts, parts + n * width, channels: channels) }

    let count = images * pixels
    #expect(parts[0] == Double(count))
    var worst = WorstRatio("moments of \(count) values about \(offset)")
    for c in 0..<channels {
      let column = (0..<count).map { values.values[$0 * channels + c] }
      let mean = column.reduce(0, +) / Double(count)
      let m2 = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let block = 66 * roundoff
      let shift = block * (abs(mean) + 1)
      worst.add(parts[1 + c], mean, bound: block * (1 + shift) + 1e-15 * abs(mean), "mean, channel \(c)")
      let spread = m2 + Double(count) * shift * shift
      // Between blocks the means' errors enter once with their differences.
      worst.add(parts[1 + channels + c], m2, bound: 4 * block * (spread + Double(count) * shift), "M2, channel \(c)")
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }

  /// The masked sums and the gradient, as the layer puts them together, against the oracle's batch norm.
  @Test(arguments: [(1, 4, 4, 3), (2, 8, 8, 16), (3, 16, 16, 24), (2, 8, 16, 40), (3, 2, 2, 64), (2, 16, 16, 80)])
  func gradient(images: Int, height: Int, width: Int, channels: Int) {
    let data = OracleData(seed: 10)
    let shape = [images, channels, height, width]
    let x = data.values(shape, number: 1).map { 2 * $0 + 0.3 }.rounded
    let da = data.values(shape, number: 2)
    let skip = data.values(shape, number: 3)
    let gamma = data.values([channels], number: 4).map { $0 + 1.5 }
    let beta = data.values([channels], number: 5)
    let statistics = ChannelStatistics(of: x)
    let pixels = height * width
    let count = Double(images * pixels)

    // The coefficients, as a layer makes them.
    let coefficients = Tensor(Shape(n: 5, c: (channels + 15) & ~15))
    let inverse = statistics.variance.map { 1 / ($0 + 1e-5).squareRoot() }
    for c in 0..<channels {
      coefficients.image(0)[c] = Float(gamma.values[c] * inverse[c])
      coefficients.image(1)[c] = Float(beta.values[c] - statistics.mean[c] * gamma.values[c] * inverse[c])
      coefficients.image(2)[c] = Float(statistics.mean[c])
    }
    let affine = ChannelAffine(scale: coefficients.image(0), shift: coefficients.image(1))
    let (tx, dz) = (Tensor(pictures: x), Tensor(pictures: da))
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: 2 * channels)
    defer { sums.deallocate() }
    sums.update(repeating: 0, count: 2 * channels)
    for n in 0..<images {
      BatchNormGradient.maskAndSum(
        dz.image(n), x: tx.image(n), affine: affine, mean: coefficients.image(2), pixels: pixels, channels: channels,
        sums: sums)
    }

    // The mask, where rounding cannot turn it; elsewhere the engine's own is as good.
    let masked = OracleTensor(pictures: dz)
    let z = batchNorm(x, gamma: gamma, beta: beta, statistics: statistics)
    var masks = WorstRatio("batch norm \(shape), masks")
    var doubtful = 0
    for i in z.values.indices {
      if abs(z.values[i]) < 1e-5 {
        doubtful += 1
      } else {
        masks.add(masked.values[i], z.values[i] > 0 ? da.values[i] : 0, bound: 0, "element \(i)")
      }
    }
    #expect(masks.isWithinBounds())
    #expect(doubtful < 10)

    let exact = batchNormBackward(masked, x: x, gamma: gamma)
    let magnitude = batchNormBackward(masked.magnitudes, x: x, gamma: gamma)
    var worst = WorstRatio("batch norm \(shape), sums")
    let blockError = Double(min(64, pixels) + 4) * roundoff
    for c in 0..<channels {
      worst.add(sums[c], exact.dbeta.values[c], bound: blockError * magnitude.dbeta.values[c], "dbeta \(c)")
      let deviations = (0..<images).flatMap { n in
        (0..<pixels).map { p in
          let at = (n * channels + c) * pixels + p
          return abs(masked.values[at]) * (abs(x.values[at] - statistics.mean[c]) + abs(statistics.mean[c]))
        }
      }
      worst.add(
        sums[channels + c] * inverse[c], exact.dgamma.values[c],
        bound: blockError * deviations.reduce(0, +) * inverse[c],
        "dgamma \(c)")
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")

    for c in 0..<channels {
      let scale = gamma.values[c] * inverse[c]
      coefficients.image(3)[c] = Float(-scale * sums[channels + c] / count * inverse[c] * inverse[c])
      coefficients.image(4)[c] = Float(-scale * sums[c] / count)
    }
    let k = BatchNormCoefficients(
      affine: affine, mean: coefficients.image(2), slope: coefficients.image(3), offset: coefficients.image(4))
    var gradient = WorstRatio("batch norm \(shape), dx")
    for adding in [false, true] {
      let dx = Guarded(tx.shape)
      let residual = Tensor(pictures: skip)
      BatchNormGradient.inputGradient(
        dz.pointer, x: tx.pointer, k, adding: adding ? UnsafePointer(residual.pointer) : nil, into: dx.tensor.pointer,
        pixels: images * pixels, channels: channels)
      #expect(dx.isIntact)
      let result = OracleTensor(pictures: dx.tensor)
      for i in result.values.indices {
        let c = i / pixels % channels
        let r = adding ? skip.values[i] : 0
        let deviation = abs(x.values[i]) + abs(statistics.mean[c])
        let terms =
          abs(Double(coefficients.image(0)[c]) * masked.values[i]) + abs(Double(coefficients.image(3)[c])) * deviation
          + abs(Double(coefficients.image(4)[c])) + abs(r)
        // The sums' own errors reach dx divided by their number.
        let fromSums =
          abs(gamma.values[c]) * inverse[c] * blockError
          * (magnitude.dbeta.values[c] + deviation * inverse[c] * inverse[c] * 4 * magnitude.dbeta.values[c]) / count
        gradient.add(
          result.values[i], exact.dx.values[i] + r, bound: 8 * roundoff * terms + fromSums, "adding \(adding) at \(i)")
      }
    }
    #expect(gradient.isWithinBounds(), "\(gradient.place)")
  }

  /// With μ and σ constants: dx = γ/σ·da where z > 0, plus what is added.
  @Test(arguments: [(1, 4, 4, 3), (2, 8, 8, 16), (3, 4, 4, 24), (2, 2, 2, 40)])
  func gradientOfConstants(images: Int, height: Int, width: Int, channels: Int) {
    let data = OracleData(seed: 11)
    let shape = [images, channels, height, width]
    let (x, da, skip) = (data.values(shape, number: 1), data.values(shape, number: 2), data.values(shape, number: 3))
    let (scale, shift) = (data.values([channels], number: 4), data.values([channels], number: 5))
    let coefficients = Tensor(Shape(n: 2, c: (channels + 15) & ~15))
    for c in 0..<channels {
      coefficients.image(0)[c] = Float(scale.values[c])
      coefficients.image(1)[c] = Float(shift.values[c])
    }
    let affine = ChannelAffine(scale: coefficients.image(0), shift: coefficients.image(1))
    let (pixels, residual) = (height * width, Tensor(pictures: skip))
    var worst = WorstRatio("batch norm of constants \(shape), dx")
    for adding in [false, true] {
      let (tx, source) = (Tensor(pictures: x), Tensor(pictures: da))
      let dx = Guarded(source.shape)
      withExtendedLifetime(source) { dx.tensor.pointer.update(from: source.pointer, count: source.count) }
      BatchNormGradient.maskAndScale(
        dx.tensor.pointer, x: tx.pointer, affine: affine, adding: adding ? UnsafePointer(residual.pointer) : nil,
        pixels: images * pixels, channels: channels)
      #expect(dx.isIntact)
      let result = OracleTensor(pictures: dx.tensor)
      for i in result.values.indices {
        let c = i / pixels % channels
        let (s, z) = (Double(coefficients.image(0)[c]), scale.values[c] * x.values[i] + shift.values[c])
        let r = adding ? skip.values[i] : 0
        // Where rounding may turn the mask, either value will do.
        let open = abs(z) < 1e-6 ? result.values[i] != r : z > 0
        let exact = (open ? s * da.values[i] : 0) + r
        worst.add(result.values[i], exact, bound: 4 * roundoff * (abs(s * da.values[i]) + abs(r)), "\(adding) at \(i)")
      }
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }
}
