// The two-dimensional convolution without bias, as deep learning means it (a cross-correlation), and its two gradients:
//
//   y[n,o,i,j] = sum over c, p, q of  x[n, c, i·stride + p − padding, j·stride + q − padding] · w[o,c,p,q]
//
// with x zero outside its extents. It is linear in x and in w, so each gradient is the same sum over the same triples.

/// The output [N, O, OH, OW] of pictures x [N, C, H, W] and filters w [O, C, KH, KW].
package func convolution(_ x: OracleTensor, _ w: OracleTensor, stride: Int, padding: Int) -> OracleTensor {
  var y = OracleTensor(shape: convolutionShape(x.shape, w.shape, stride: stride, padding: padding))
  forEachProduct(x.shape, w.shape, stride: stride, padding: padding) { yIndex, xIndex, wIndex in
    y.values[yIndex] += x.values[xIndex] * w.values[wIndex]
  }
  return y
}

/// dx [N, C, H, W] (`inputShape`) from dy [N, O, OH, OW] and the filters w [O, C, KH, KW].
package func convolutionInputGradient(
  _ dy: OracleTensor, _ w: OracleTensor, inputShape: [Int], stride: Int, padding: Int
) -> OracleTensor {
  precondition(dy.shape == convolutionShape(inputShape, w.shape, stride: stride, padding: padding))
  var dx = OracleTensor(shape: inputShape)
  forEachProduct(inputShape, w.shape, stride: stride, padding: padding) { yIndex, xIndex, wIndex in
    dx.values[xIndex] += dy.values[yIndex] * w.values[wIndex]
  }
  return dx
}

/// dw [O, C, KH, KW] (`weightShape`) from the pictures x [N, C, H, W] and dy [N, O, OH, OW].
package func convolutionWeightGradient(
  _ x: OracleTensor, _ dy: OracleTensor, weightShape: [Int], stride: Int, padding: Int
) -> OracleTensor {
  precondition(dy.shape == convolutionShape(x.shape, weightShape, stride: stride, padding: padding))
  var dw = OracleTensor(shape: weightShape)
  forEachProduct(x.shape, weightShape, stride: stride, padding: padding) { yIndex, xIndex, wIndex in
    dw.values[wIndex] += dy.values[yIndex] * x.values[xIndex]
  }
  return dw
}

/// The shape [N, O, OH, OW] of a convolution of x [N, C, H, W] with w [O, C, KH, KW].
package func convolutionShape(_ x: [Int], _ w: [Int], stride: Int, padding: Int) -> [Int] {
  precondition(x.count == 4 && w.count == 4 && x[1] == w[1], "convolution of \(x) with \(w)")
  return [x[0], w[0], (x[2] + 2 * padding - w[2]) / stride + 1, (x[3] + 2 * padding - w[3]) / stride + 1]
}

/// Calls `body(yIndex, xIndex, wIndex)` once for each product that the convolution sums: y[yIndex] += x[xIndex]·w[wIndex].
@inline(__always)
private func forEachProduct(
  _ x: [Int], _ w: [Int], stride: Int, padding: Int, _ body: (Int, Int, Int) -> Void
) {
  let y = convolutionShape(x, w, stride: stride, padding: padding)
  let (channels, height, width) = (x[1], x[2], x[3])
  let (outputs, outputHeight, outputWidth) = (y[1], y[2], y[3])
  let (kernelHeight, kernelWidth) = (w[2], w[3])
  for n in 0..<x[0] {
    for o in 0..<outputs {
      for c in 0..<channels {
        for p in 0..<kernelHeight {
          for q in 0..<kernelWidth {
            let wIndex = ((o * channels + c) * kernelHeight + p) * kernelWidth + q
            for i in 0..<outputHeight {
              let row = i * stride + p - padding
              if row < 0 || row >= height { continue }
              for j in 0..<outputWidth {
                let column = j * stride + q - padding
                if column < 0 || column >= width { continue }
                body(
                  ((n * outputs + o) * outputHeight + i) * outputWidth + j,
                  ((n * channels + c) * height + row) * width + column, wIndex)
              }
            }
          }
        }
      }
    }
  }
}
