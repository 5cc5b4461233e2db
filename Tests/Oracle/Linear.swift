// The linear layer y = x · wᵀ + b with x [N, I], w [O, I], b [O].

/// The outputs y [N, O].
package func linear(_ x: OracleTensor, _ w: OracleTensor, _ b: OracleTensor) -> OracleTensor {
  var y = OracleTensor(shape: [x.shape[0], w.shape[0]])
  for n in 0..<x.shape[0] {
    for o in 0..<w.shape[0] {
      y[n, o] = b.values[o]
      for i in 0..<x.shape[1] { y[n, o] += x[n, i] * w[o, i] }
    }
  }
  return y
}

/// dx [N, I], dw [O, I] and db [O] from dy [N, O].
package func linearBackward(
  _ dy: OracleTensor, x: OracleTensor, w: OracleTensor
) -> (dx: OracleTensor, dw: OracleTensor, db: OracleTensor) {
  var dx = OracleTensor(shape: x.shape)
  var dw = OracleTensor(shape: w.shape)
  var db = OracleTensor(shape: [w.shape[0]])
  for n in 0..<x.shape[0] {
    for o in 0..<w.shape[0] {
      db.values[o] += dy[n, o]
      for i in 0..<x.shape[1] {
        dx[n, i] += dy[n, o] * w[o, i]
        dw[o, i] += dy[n, o] * x[n, i]
      }
    }
  }
  return (dx, dw, db)
}
