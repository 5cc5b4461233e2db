// The same numbers in the oracle's layouts (NCHW and OIHW, Double) and in the engine's (NHWC and HWIO, Float).

import Oracle
import Tensors

extension Tensor {
  /// Pictures [N, C, H, W] of the oracle, rounded to Float, as NHWC.
  package init(pictures x: OracleTensor) {
    self.init(Shape(n: x.shape[0], h: x.shape[2], w: x.shape[3], c: x.shape[1]))
    forEachPicture(x.shape) { nchw, nhwc in pointer[nhwc] = Float(x.values[nchw]) }
  }

  /// Filters [O, I, KH, KW] of the oracle, rounded to Float, as (kh, kw, I, O).
  package init(filters w: OracleTensor) {
    self.init(Shape(n: w.shape[2], h: w.shape[3], w: w.shape[1], c: w.shape[0]))
    forEachFilter(w.shape) { oihw, hwio in pointer[hwio] = Float(w.values[oihw]) }
  }

  /// Rows [N, K] or a vector, rounded to Float.
  package init(rows x: OracleTensor) {
    self.init(x.shape.count == 1 ? Shape(n: 1, c: x.shape[0]) : Shape(n: x.shape[0], c: x.shape[1]))
    for i in x.values.indices { pointer[i] = Float(x.values[i]) }
  }

  /// The bits of the elements.
  package var bits: [UInt32] { elements.map(\.bitPattern) }

  /// Whether another tensor has the same bits. (A comparison of arrays within an expectation that fails takes minutes to
  /// be described.)
  package func hasBits(of other: Tensor) -> Bool { bits == other.bits }

  /// A copy of some images.
  package func images(_ range: Range<Int>) -> Tensor {
    let copy = Tensor(Shape(n: range.count, h: shape.h, w: shape.w, c: shape.c))
    copy.pointer.update(from: image(range.lowerBound), count: copy.count)
    return copy
  }
}

extension OracleTensor {
  /// NHWC pictures of the engine as [N, C, H, W].
  package init(pictures x: Tensor) {
    self.init(shape: [x.shape.n, x.shape.c, x.shape.h, x.shape.w])
    forEachPicture(shape) { nchw, nhwc in values[nchw] = Double(x.pointer[nhwc]) }
  }

  /// (kh, kw, I, O) filters of the engine as [O, I, KH, KW].
  package init(filters w: Tensor) {
    self.init(shape: [w.shape.c, w.shape.w, w.shape.n, w.shape.h])
    forEachFilter(shape) { oihw, hwio in values[oihw] = Double(w.pointer[hwio]) }
  }

  /// (N, K) rows of the engine.
  package init(rows x: Tensor) {
    self.init(shape: [x.shape.n, x.shape.c], values: x.elements.map(Double.init))
  }

  /// Every element rounded to Float.
  package var rounded: OracleTensor { map { Double(Float($0)) } }
  /// Every element's magnitude.
  package var magnitudes: OracleTensor { map(abs) }

  /// The largest magnitude.
  package var largest: Double { values.reduce(0) { max($0, abs($1)) } }

  /// The Euclidean norm of self − other, relative to other's.
  package func distance(to other: OracleTensor) -> Double { (self + (-1) * other).norm / other.norm }

  /// The largest magnitude of self − other, relative to other's largest.
  package func largestDifference(to other: OracleTensor) -> Double { (self + (-1) * other).largest / other.largest }
}

private func forEachPicture(_ nchw: [Int], _ body: (_ nchw: Int, _ nhwc: Int) -> Void) {
  let (channels, height, width) = (nchw[1], nchw[2], nchw[3])
  var theirs = 0
  for n in 0..<nchw[0] {
    for c in 0..<channels {
      for pixel in 0..<height * width {
        body(theirs, (n * height * width + pixel) * channels + c)
        theirs += 1
      }
    }
  }
}

private func forEachFilter(_ oihw: [Int], _ body: (_ oihw: Int, _ hwio: Int) -> Void) {
  var theirs = 0
  for o in 0..<oihw[0] {
    for i in 0..<oihw[1] {
      for tap in 0..<oihw[2] * oihw[3] {
        body(theirs, (tap * oihw[1] + i) * oihw[0] + o)
        theirs += 1
      }
    }
  }
}
