// Pooling, the linear layer and the loss behind it.

import Classification
import Foundation
import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct HeadTests {
  let data = OracleData(seed: 12)

  @Test(arguments: [(1, 8), (4, 16), (16, 24), (64, 40), (6, 3)]) func pooling(pixels: Int, channels: Int) {
    let x = data.values([1, channels, pixels, 1], number: 1)
    let (scale, shift) = (data.values([channels], number: 2), data.values([channels], number: 3))
    let (tensor, s, t) = (Tensor(pictures: x), Tensor(rows: scale), Tensor(rows: shift))
    let pooled = Guarded(Shape(n: 1, c: channels))
    Pooling.affineReLUAverage(
      tensor.pointer, ChannelAffine(scale: s.pointer, shift: t.pointer), into: pooled.tensor.pointer, pixels: pixels,
      channels: channels)
    var worst = WorstRatio("pooling of \(pixels) pixels")
    for c in 0..<channels {
      var (sum, magnitude) = (0.0, 0.0)
      for p in 0..<pixels {
        let z = scale.values[c] * x.values[c * pixels + p] + shift.values[c]
        sum += max(z, 0)
        magnitude += abs(scale.values[c] * x.values[c * pixels + p]) + abs(shift.values[c])
      }
      worst.add(
        Double(pooled.tensor.pointer[c]), sum / Double(pixels),
        bound: Double(pixels + 3) * roundoff * magnitude / Double(pixels), "channel \(c)")
    }
    let spread = Guarded(tensor.shape)
    Pooling.spread(pooled.tensor.pointer, into: spread.tensor.pointer, pixels: pixels, channels: channels)
    let exact = globalAveragePoolingBackward(OracleTensor(rows: pooled.tensor), inputShape: x.shape)
    let result = OracleTensor(pictures: spread.tensor)
    for i in result.values.indices {
      worst.add(result.values[i], exact.values[i], bound: 2 * roundoff * abs(exact.values[i]), "spread at \(i)")
    }
    #expect(pooled.isIntact && spread.isIntact)
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }

  @Test(arguments: [(10, 64), (100, 128), (1, 8), (3, 30), (10, 512)]) func linearLayer(classes: Int, channels: Int) {
    let x = data.values([1, channels], number: 4)
    let (w, b) = (data.values([classes, channels], number: 5), data.values([classes], number: 6))
    let (dy, before) = (data.values([1, classes], number: 7), data.values([classes, channels], number: 8))
    let (tx, tw, tb, tdy) = (Tensor(rows: x), Tensor(rows: w), Tensor(rows: b), Tensor(rows: dy))
    let (y, dx) = (Guarded(Shape(n: 1, c: classes)), Guarded(Shape(n: 1, c: channels)))
    let dw = Guarded(Shape(n: classes, c: channels))
    Linear.forward(
      tx.pointer, weight: tw.pointer, bias: tb.pointer, into: y.tensor.pointer, classes: classes, channels: channels)
    Linear.inputGradient(
      tdy.pointer, weight: tw.pointer, into: dx.tensor.pointer, classes: classes, channels: channels)
    for i in before.values.indices { dw.tensor.pointer[i] = Float(before.values[i]) }
    Linear.addWeightGradient(
      tdy.pointer, x: tx.pointer, into: dw.tensor.pointer, classes: classes, channels: channels)
    #expect(y.isIntact && dx.isIntact && dw.isIntact)

    let exact = linear(x, w, b)
    let magnitude = linear(x.magnitudes, w.magnitudes, b.magnitudes)
    let backward = linearBackward(dy, x: x, w: w)
    let backwardMagnitude = linearBackward(dy.magnitudes, x: x.magnitudes, w: w.magnitudes)
    var worst = WorstRatio("linear layer \(channels) to \(classes)")
    for k in 0..<classes {
      let bound = Double(channels + 2) * roundoff * magnitude.values[k]
      worst.add(Double(y.tensor.pointer[k]), exact.values[k], bound: bound, "y \(k)")
    }
    for c in 0..<channels {
      worst.add(
        Double(dx.tensor.pointer[c]), backward.dx.values[c],
        bound: Double(classes + 1) * roundoff * backwardMagnitude.dx.values[c], "dx \(c)")
    }
    for i in before.values.indices {
      worst.add(
        Double(dw.tensor.pointer[i]), before.values[i] + backward.dw.values[i],
        bound: 2 * roundoff * (abs(before.values[i]) + backwardMagnitude.dw.values[i]), "dw \(i)")
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }

  /// exp and log of the C library are good to two roundings; the argument's own rounding counts with its size.
  @Test(arguments: [(10, 4.0), (100, 1), (10, 200), (3, 1e4), (1, 5), (10, 1e30)])
  func crossEntropyAgrees(classes: Int, scale: Double) {
    let z = data.values([6, classes], number: 9).map { $0 * scale }.rounded
    let labels = (0..<6).map { $0 * 7 % classes }
    let exact = crossEntropy(z, labels: labels)
    let logits = Tensor(rows: z)
    let gradient = Guarded(logits.shape)
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: 6)
    defer { losses.deallocate() }
    CrossEntropy.evaluate(logits, labels: labels, gradient: gradient.tensor, scale: 0.25, losses: losses)
    #expect(gradient.isIntact)
    var worst = WorstRatio("cross-entropy of \(classes) classes, logits to \(scale)")
    for n in 0..<6 {
      let largest = (0..<classes).map { z[n, $0] }.max()!
      let gap = largest - z[n, labels[n]]
      worst.add(
        Double(losses[n]), exact.perExample[n], bound: Double(classes + 8) * roundoff + 2 * roundoff * gap, "loss \(n)")
      for k in 0..<classes {
        let p = exp(logSoftmax(z)[n, k])
        let bound = p * (Double(classes + 8) + (largest - z[n, k])) * roundoff + roundoff
        // The oracle's gradient is of the mean over 6 examples.
        worst.add(4 * Double(gradient.tensor.image(n)[k]), 6 * exact.dlogits[n, k], bound: 2 * bound, "dz \(n) \(k)")
      }
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")

    let alone = UnsafeMutableBufferPointer<Float>.allocate(capacity: 6)
    defer { alone.deallocate() }
    CrossEntropy.evaluate(logits, labels: labels, losses: alone)
    #expect(zip(losses, alone).allSatisfy { $0 == $1 })
    for n in 0..<6 {
      let row = (0..<classes).map { z[n, $0] }
      #expect(CrossEntropy.prediction(logits, n) == row.firstIndex(of: row.max()!))
    }
  }
}
