// How large the terms of Winograd's algorithms get: their formulas with every number replaced by its magnitude,
//
//   |A|ᵀ [ Σ (|G||g||G|ᵀ) ⊙ (|B|ᵀ|d||B|) ] |A|,     |G|ᵀ [ Σ (|A||dy||A|ᵀ) ⊙ (|B|ᵀ|d||B|) ] |G|.
//
// Rounding errors are a few times 2⁻²⁴ of these. F(4x4, 3x3) has the matrices of Lavin and Gray (CVPR 2016). At stride 2
// each axis falls into two phases, one of two taps by F(4, 2) with the points 0, 1, −1, 2, ∞, one of a single tap.

import Oracle

enum WinogradMagnitude {
  /// Roundings beside those of the sum over channels or tiles: two passes over each of three transforms, of up to five
  /// operations with rounded constants, and the sum over phases.
  static let roundings = 40

  /// One axis of an algorithm, for a 4x4 block of outputs at (4m, ...): which inputs and taps it takes, and its matrices.
  private struct Axis {
    /// The first input of block m is `origin + pitch · m`, the others are `spacing` apart.
    var origin: Int, pitch: Int, spacing = 1
    /// Output i of block m is at `out + 4 · outSpacing · m + outSpacing · i`.
    var out = 0, outSpacing = 1
    var taps: [Int]
    var b: [[Double]], g: [[Double]], a: [[Double]]
  }

  private static let three = Axis(
    origin: -1, pitch: 4, taps: [0, 1, 2],
    b: [
      [4, 0, 5, 0, 1, 0], [0, 4, 4, 1, 1, 0], [0, 4, 4, 1, 1, 0], [0, 2, 1, 2, 1, 0], [0, 2, 1, 2, 1, 0],
      [0, 4, 0, 5, 0, 1],
    ],
    g: [
      [1.0 / 4, 0, 0], [1.0 / 6, 1.0 / 6, 1.0 / 6], [1.0 / 6, 1.0 / 6, 1.0 / 6], [1.0 / 24, 1.0 / 12, 1.0 / 6],
      [1.0 / 24, 1.0 / 12, 1.0 / 6], [0, 0, 1],
    ],
    a: [[1, 1, 1, 1, 1, 0], [0, 1, 1, 2, 2, 0], [0, 1, 1, 4, 4, 0], [0, 1, 1, 8, 8, 1]])

  private static let two = Axis(
    origin: -1, pitch: 8, spacing: 2, taps: [0, 2],
    b: [[2, 1, 2, 1, 0], [0, 2, 1, 1, 0], [0, 2, 3, 1, 0], [0, 1, 0, 1, 0], [0, 2, 1, 2, 1]],
    g: [[1.0 / 2, 0], [1.0 / 2, 1.0 / 2], [1.0 / 6, 1.0 / 6], [1.0 / 6, 1.0 / 3], [0, 1]],
    a: [[1, 1, 1, 1, 0], [0, 1, 1, 2, 0], [0, 1, 1, 4, 0], [0, 1, 1, 8, 1]])

  private static let one = Axis(
    origin: 0, pitch: 8, spacing: 2, taps: [1], b: identity, g: [[1], [1], [1], [1]], a: identity)

  private static let identity: [[Double]] = (0..<4).map { i in (0..<4).map { $0 == i ? 1 : 0 } }

  /// Of the outputs [N, O, H, W] of x [N, C, ., .] and w [O, C, 3, 3] with `stride`.
  static func convolution(_ x: OracleTensor, _ w: OracleTensor, stride: Int) -> OracleTensor {
    let shape = [x.shape[0], w.shape[0], x.shape[2] / stride, x.shape[3] / stride]
    return sum(x, w, into: shape, stride == 1 ? [three] : [two, one])
  }

  /// Of the input gradients (`shape`) of dy [N, O, H, W] and w [O, C, 3, 3] with `stride`.
  static func inputGradient(_ dy: OracleTensor, _ w: OracleTensor, shape: [Int], stride: Int) -> OracleTensor {
    var swapped = OracleTensor(shape: [w.shape[1], w.shape[0], 3, 3])
    for o in 0..<w.shape[0] {
      for c in 0..<w.shape[1] { for i in 0..<9 { swapped[c, o, i / 3, i % 3] = w[o, c, i / 3, i % 3] } }
    }
    var (three, two, one) = (three, two, one)
    three.taps = [2, 1, 0]
    (two.origin, two.pitch, two.spacing, two.out, two.outSpacing, two.taps) = (0, 4, 1, 1, 2, [2, 0])
    (one.origin, one.pitch, one.spacing, one.out, one.outSpacing) = (0, 4, 1, 0, 2)
    return sum(dy, swapped, into: shape, stride == 1 ? [three] : [two, one])
  }

  private static func sum(_ x: OracleTensor, _ w: OracleTensor, into shape: [Int], _ axes: [Axis]) -> OracleTensor {
    var y = OracleTensor(shape: shape)
    let (c, o) = (x.shape[1], w.shape[0])
    for rows in axes {
      for columns in axes {
        let filters = (0..<o * c).map { index in
          let taps = rows.taps.flatMap { i in columns.taps.map { j in abs(w[index / c, index % c, i, j]) } }
          return product(rows.g, taps, columns.g)
        }
        for n in 0..<shape[0] {
          for row in 0..<shape[2] / (4 * rows.outSpacing) {
            for column in 0..<shape[3] / (4 * columns.outSpacing) {
              let inputs = (0..<c).map { product(rows.b, block(x, n, $0, rows, row, columns, column), columns.b) }
              for k in 0..<o {
                var sums = [Double](repeating: 0, count: inputs[0].count)
                for j in 0..<c { for f in sums.indices { sums[f] += inputs[j][f] * filters[k * c + j][f] } }
                let out = product(rows.a, sums, columns.a)
                for i in 0..<16 {
                  let h = rows.out + rows.outSpacing * (4 * row + i / 4)
                  y[n, k, h, columns.out + columns.outSpacing * (4 * column + i % 4)] += out[i]
                }
              }
            }
          }
        }
      }
    }
    return y
  }

  /// Of the weight gradients [O, C, 3, 3] of x [N, C, H, W] and dy [N, O, H, W], at stride 1.
  static func weightGradient(_ x: OracleTensor, _ dy: OracleTensor) -> OracleTensor {
    let (c, o) = (x.shape[1], dy.shape[1])
    var sums = [Double](repeating: 0, count: o * c * 36)
    var outputs = three
    (outputs.origin, outputs.b) = (0, identity)
    for n in 0..<x.shape[0] {
      for row in 0..<x.shape[2] / 4 {
        for column in 0..<x.shape[3] / 4 {
          let inputs = (0..<c).map { product(three.b, block(x, n, $0, three, row, three, column), three.b) }
          for k in 0..<o {
            let a = transposed(three.a)
            let gradient = product(a, block(dy, n, k, outputs, row, outputs, column), a)
            for j in 0..<c { for f in 0..<36 { sums[(k * c + j) * 36 + f] += inputs[j][f] * gradient[f] } }
          }
        }
      }
    }
    let g = transposed(three.g)
    let filters = (0..<o * c).flatMap { product(g, Array(sums[$0 * 36..<($0 + 1) * 36]), g) }
    return OracleTensor(shape: [o, c, 3, 3], values: filters)
  }

  /// The magnitudes of a block's inputs, zeros outside of the plane.
  private static func block(
    _ x: OracleTensor, _ n: Int, _ c: Int, _ rows: Axis, _ row: Int, _ columns: Axis, _ column: Int
  ) -> [Double] {
    rows.b[0].indices.flatMap { i in
      columns.b[0].indices.map { j in
        let h = rows.origin + rows.pitch * row + rows.spacing * i
        let w = columns.origin + columns.pitch * column + columns.spacing * j
        return h < 0 || w < 0 || h >= x.shape[2] || w >= x.shape[3] ? 0 : abs(x[n, c, h, w])
      }
    }
  }

  private static func transposed(_ m: [[Double]]) -> [[Double]] { m[0].indices.map { j in m.map { $0[j] } } }

  /// L · X · Rᵀ.
  private static func product(_ l: [[Double]], _ x: [Double], _ r: [[Double]]) -> [Double] {
    let (inner, outer) = (l[0].count, r[0].count)
    var left = [Double](repeating: 0, count: l.count * outer)
    var result = [Double](repeating: 0, count: l.count * r.count)
    for i in l.indices {
      for k in 0..<inner where l[i][k] != 0 { for j in 0..<outer { left[i * outer + j] += l[i][k] * x[k * outer + j] } }
      for j in r.indices { for k in 0..<outer { result[i * r.count + j] += left[i * outer + k] * r[j][k] } }
    }
    return result
  }
}
