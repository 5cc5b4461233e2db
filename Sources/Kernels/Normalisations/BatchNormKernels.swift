// Batch normalisation: its sums over one image, and its backward pass.
//
//   z = γ·x̂ + β,   x̂ = (x − μ)/σ,   σ² = v + 1e-5
//   dβ = Σ dz,  dγ = Σ dz·x̂,   dx = (γ/σ)·(dz − dβ/m − x̂·dγ/m)      (Ioffe and Szegedy, ICML 2015)
//
// Sums run in Float over blocks of at most 64 pixels and from there on in Double, merged by Chan's formula
//   δ = μ_b − μ_a,  μ = μ_a + δ·n_b/n,  M2 = M2_a + M2_b + δ²·n_a·n_b/n
// (Chan, Golub, LeVeque: Algorithms for computing the sample variance, 1983).

/// Count, mean and sum of squared deviations, per channel, in flat memory: [count, mean × C, M2 × C].
package enum Moments {
  /// Doubles for C channels.
  package static func width(_ channels: Int) -> Int { 1 + 2 * channels }

  /// Adds the moments `b` to `a` by Chan's formula.
  package static func merge(_ a: UnsafeMutablePointer<Double>, _ b: UnsafePointer<Double>, channels: Int) {
    merge(a, count: b[0], means: b + 1, m2: b + 1 + channels, channels: channels)
  }

  @inline(__always)
  private static func merge(
    _ a: UnsafeMutablePointer<Double>, count: Double, means: UnsafePointer<Double>, m2: UnsafePointer<Double>?,
    channels: Int
  ) {
    let total = a[0] + count
    let share = count / total
    let weight = a[0] * share
    let (meansA, m2A) = (a + 1, a + 1 + channels)
    for c in 0..<channels {
      let delta = means[c] - meansA[c]
      meansA[c] += delta * share
      m2A[c] += (m2.map { $0[c] } ?? 0) + delta * delta * weight
    }
    a[0] = total
  }

  /// The moments of an image (pixels, C), merged into `a`, which is all zeros at first.
  package static func add(
    image x: UnsafePointer<Float>, pixels: Int, channels: Int, to a: UnsafeMutablePointer<Double>
  ) {
    var first = 0
    while first < pixels {
      let count = min(64, pixels - first)
      addBlock(x + first * channels, count, channels, a)
      first += count
    }
  }

  private static func addBlock(
    _ x: UnsafePointer<Float>, _ pixels: Int, _ channels: Int, _ a: UnsafeMutablePointer<Double>
  ) {
    let total = a[0] + Double(pixels)
    let share = Double(pixels) / total
    let weight = a[0] * share
    let reciprocal = 1 / Float(pixels)
    let (means, m2) = (a + 1, a + 1 + channels)
    func merge(_ block: (mean: Vector, squares: Vector, rest: Vector), _ first: Int, _ count: Int) {
      for lane in 0..<count {
        let correction = Double(block.rest[lane]) / Double(pixels)
        let blockMean = Double(block.mean[lane]) + correction
        let blockM2 = Double(block.squares[lane]) - Double(block.rest[lane]) * correction
        let delta = blockMean - means[first + lane]
        means[first + lane] += delta * share
        m2[first + lane] += blockM2 + delta * delta * weight
      }
    }
    var c = 0
    while c + Columns<Vector>.width <= channels {
      var sums = Columns { _ in Vector.zero }
      for p in 0..<pixels { sums.update(with: sums) { sum, _, i in sum += load(x + (p * channels + c + i)) } }
      let mean = Columns(sums) { $0 * reciprocal }
      var blocks = Columns(mean) { (mean: $0, squares: Vector.zero, rest: Vector.zero) }
      for p in 0..<pixels {
        blocks.update(with: mean) { addDeviation(load(x + (p * channels + c + $2)), mean: $1, to: &$0) }
      }
      blocks.forEach { merge($0, c + $1, lanes) }
      c += Columns<Vector>.width
    }
    while c < channels {
      // Lanes beyond the last channel read the next pixel, or memory behind the tensor, and are dropped.
      var sum = Vector.zero
      for p in 0..<pixels { sum += load(x + (p * channels + c)) }
      let mean = sum * reciprocal
      var block = (mean: mean, squares: Vector.zero, rest: Vector.zero)
      for p in 0..<pixels { addDeviation(load(x + (p * channels + c)), mean: mean, to: &block) }
      merge(block, c, min(lanes, channels - c))
      c += lanes
    }
    a[0] = total
  }

  /// The block's sum is rounded, so the deviations do not add up to zero: their sum corrects the mean.
  @inline(__always)
  private static func addDeviation(
    _ x: Vector, mean: Vector, to block: inout (mean: Vector, squares: Vector, rest: Vector)
  ) {
    let d = x - mean
    block.squares = block.squares.plus(d, times: d)
    block.rest += d
  }
}

/// What the backward pass of BatchNorm reads per channel.
package struct BatchNormCoefficients: @unchecked Sendable {
  /// γ/σ and β − μ·γ/σ: z = scale·x + shift.
  package let affine: ChannelAffine
  /// μ.
  package let mean: UnsafePointer<Float>
  /// −γ/σ · dγ/m / σ: the factor of (x − μ) in dx.
  package let slope: UnsafePointer<Float>
  /// −γ/σ · dβ/m.
  package let offset: UnsafePointer<Float>

  package init(
    affine: ChannelAffine, mean: UnsafePointer<Float>, slope: UnsafePointer<Float>, offset: UnsafePointer<Float>
  ) {
    self.affine = affine
    self.mean = mean
    self.slope = slope
    self.offset = offset
  }
}

package enum BatchNormGradient {
  /// Masks da by the ReLU behind the normalisation, in place, and adds Σ dz and Σ dz·(x − μ) of one image (pixels, C)
  /// to `sums` = [Σ dz × C, Σ dz·(x − μ) × C].
  package static func maskAndSum(
    _ da: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, affine: ChannelAffine, mean: UnsafePointer<Float>,
    pixels: Int, channels: Int, sums: UnsafeMutablePointer<Double>
  ) {
    let transform = AffineTransform(affine: affine)
    addSums(x, mean, pixels, channels, sums) { c in
      (s: load(affine.scale + c), t: load(affine.shift + c))
    } vector: { at, x, k in
      let z = k.t.plus(k.s, times: x)
      let dz = load(da + at).replacing(with: Vector.zero, where: z .<= Vector.zero)
      store(dz, da + at)
      return dz
    } scalar: { at, x, c in
      if transform.scalar(x, channel: c) <= 0 { da[at] = 0 }
      return da[at]
    }
  }

  /// The same of a gradient with no ReLU in front of it, which stays as it is.
  package static func sum(
    _ dz: UnsafePointer<Float>, x: UnsafePointer<Float>, mean: UnsafePointer<Float>, pixels: Int, channels: Int,
    sums: UnsafeMutablePointer<Double>
  ) {
    addSums(x, mean, pixels, channels, sums) { _ in
      ()
    } vector: { at, _, _ in
      load(dz + at)
    } scalar: { at, _, _ in
      dz[at]
    }
  }

  /// Adds both sums of one image, whose dz is made from x: of a vector with what `coefficients` says of its channels.
  @inline(__always)
  private static func addSums<Coefficients>(
    _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>, _ pixels: Int, _ channels: Int,
    _ sums: UnsafeMutablePointer<Double>, coefficients: (_ channel: Int) -> Coefficients,
    vector: (_ at: Int, _ x: Vector, Coefficients) -> Vector, scalar: (_ at: Int, _ x: Float, _ channel: Int) -> Float
  ) {
    typealias Sums = (dz: Vector, product: Vector)
    @inline(__always)
    func add(_ sum: inout Sums, _ at: Int, _ k: (own: Coefficients, mean: Vector)) {
      let x = load(x + at)
      let dz = vector(at, x, k.own)
      sum.dz += dz
      sum.product = sum.product.plus(dz, times: x - k.mean)
    }
    func write(_ sum: Sums, _ c: Int) {
      for lane in 0..<lanes {
        sums[c + lane] += Double(sum.dz[lane])
        sums[channels + c + lane] += Double(sum.product[lane])
      }
    }
    let whole = channels / lanes * lanes
    var first = 0
    while first < pixels {
      let count = min(64, pixels - first)
      let start = first * channels
      var c = 0
      while c + Columns<Vector>.width <= whole {
        var block = Columns { _ in Sums(.zero, .zero) }
        let k = Columns { (own: coefficients(c + $0), mean: load(mean + (c + $0))) }
        for p in 0..<count { block.update(with: k) { add(&$0, start + p * channels + c + $2, $1) } }
        block.forEach { write($0, c + $1) }
        c += Columns<Vector>.width
      }
      while c < whole {
        var block = Sums(.zero, .zero)
        let k = (own: coefficients(c), mean: load(mean + c))
        for p in 0..<count { add(&block, start + p * channels + c, k) }
        write(block, c)
        c += lanes
      }
      while c < channels {
        var (sum, product): (Float, Float) = (0, 0)
        for p in 0..<count {
          let at = start + p * channels + c
          let dz = scalar(at, x[at], c)
          sum += dz
          product = product.plus(dz, times: x[at] - mean[c])
        }
        sums[c] += Double(sum)
        sums[channels + c] += Double(product)
        c += 1
      }
      first += count
    }
  }

  /// dx = scale·dz with dz = da where the ReLU behind the normalisation is open, plus `skip` where given, in place: all of
  /// the backward pass where μ and σ are constants.
  ///
  /// Values and bits are those of `maskAndSum` followed by `inputGradient` with slopes and offsets of zero.
  package static func maskAndScale(
    _ da: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, affine: ChannelAffine,
    adding skip: UnsafePointer<Float>?, pixels: Int, channels: Int
  ) {
    let whole = channels / lanes * lanes
    let transform = AffineTransform(affine: affine)
    for p in 0..<pixels {
      let base = p * channels
      var c = 0
      while c < whole {
        let z = transform.vector(load(x + (base + c)), channel: c)
        let dz = load(da + (base + c)).replacing(with: Vector.zero, where: z .<= Vector.zero)
        let d = Vector.zero.plus(load(affine.scale + c), times: dz)
        store(skip.map { load($0 + (base + c)) + d } ?? d, da + (base + c))
        c += lanes
      }
      while c < channels {
        let dz = transform.scalar(x[base + c], channel: c) <= 0 ? 0 : da[base + c]
        da[base + c] = affine.scale[c] * dz + (skip.map { $0[base + c] } ?? 0)
        c += 1
      }
    }
  }

  /// dx = scale·dz + slope·(x − μ) + offset, plus `skip` where given, for pixels of C channels; dx may be dz or skip.
  package static func inputGradient(
    _ dz: UnsafePointer<Float>, x: UnsafePointer<Float>, _ k: BatchNormCoefficients, adding skip: UnsafePointer<Float>?,
    into dx: UnsafeMutablePointer<Float>, pixels: Int, channels: Int
  ) {
    let whole = channels / lanes * lanes
    for p in 0..<pixels {
      let base = p * channels
      var c = 0
      while c < whole {
        let d = load(k.offset + c).plus(load(k.slope + c), times: load(x + (base + c)) - load(k.mean + c))
          .plus(load(k.affine.scale + c), times: load(dz + (base + c)))
        store(skip.map { load($0 + (base + c)) + d } ?? d, dx + (base + c))
        c += lanes
      }
      while c < channels {
        let d = k.offset[c] + k.slope[c] * (x[base + c] - k.mean[c]) + k.affine.scale[c] * dz[base + c]
        dx[base + c] = d + (skip.map { $0[base + c] } ?? 0)
        c += 1
      }
    }
  }
}
