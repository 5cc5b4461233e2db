// Derivatives from function values alone, by the five-point formula
//
//   f'(0) = (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h + O(h⁴).

import Oracle

/// The derivative of f at 0.
func centralDifference(step h: Double, _ f: (Double) -> Double) -> Double {
  (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
}

extension Worst {
  /// Compares a gradient with central differences of `loss` at every element of x (at most 200 of them, evenly spread),
  /// relative to the gradient's largest element.
  mutating func compare(
    gradient: OracleTensor, at x: OracleTensor, _ place: String, of loss: (OracleTensor) -> Double
  ) {
    let largest = gradient.values.map(abs).max()!
    for i in Swift.stride(from: 0, to: x.count, by: max(1, x.count / 200)) {
      let derivative = centralDifference(step: 1e-3) { h in
        var moved = x
        moved.values[i] += h
        return loss(moved)
      }
      compare(gradient.values[i], derivative, scale: largest, "\(place) element \(i)")
    }
  }
}
