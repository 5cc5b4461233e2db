// The rectifier y = max(x, 0); its derivative at 0 is 0, as in PyTorch. It is split into where it lets through and the
// letting through, so that a test of rounding errors can keep the first as another computation found it.

/// Where x is positive.
package func reluMask(_ x: OracleTensor) -> [Bool] { x.values.map { $0 > 0 } }

/// max(x, 0); with another mask, x where the mask says so, else 0.
package func relu(_ x: OracleTensor, mask: [Bool]? = nil) -> OracleTensor {
  let mask = mask ?? reluMask(x)
  precondition(mask.count == x.count)
  return OracleTensor(shape: x.shape, values: zip(x.values, mask).map { $1 ? $0 : 0 })
}

/// dx from dy and the mask of the forward pass: dy where x passed, else 0.
package func reluBackward(_ dy: OracleTensor, mask: [Bool]) -> OracleTensor { relu(dy, mask: mask) }
