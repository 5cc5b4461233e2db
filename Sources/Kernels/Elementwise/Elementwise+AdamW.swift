// The update of Adam with decoupled weight decay, element by element; Networks/Optimizers/AdamW.swift has the formulas.

extension Elementwise {
  /// One step's constants.
  package struct AdamW: Sendable {
    /// β₁ and β₂, and 1 minus each, rounded by itself: 1 − Float(0.999) is 1e-5 from 0.001.
    let first: Float, second: Float, restFirst: Float, restSecond: Float
    /// η/(1 − β₁ᵗ).
    let stepSize: Float
    /// 1/√(1 − β₂ᵗ).
    let correction: Float
    let epsilon: Float

    package init(first: Double, second: Double, stepSize: Float, correction: Float, epsilon: Float) {
      (self.first, self.second) = (Float(first), Float(second))
      (restFirst, restSecond) = (Float(1 - first), Float(1 - second))
      self.stepSize = stepSize
      self.correction = correction
      self.epsilon = epsilon
    }

    /// w, m and v of some parameters that decay alike.
    ///
    /// - Parameter keep: 1 − η·λ.
    package func step(
      _ w: UnsafeMutablePointer<Float>, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
      _ gradient: UnsafePointer<Float>, keep: Float, count: Int
    ) {
      for i in 0..<count {
        let g = gradient[i]
        m[i] = first * m[i] + restFirst * g
        v[i] = second * v[i] + restSecond * (g * g)
        w[i] = keep * w[i] - stepSize * m[i] / (v[i].squareRoot() * correction + epsilon)
      }
    }
  }
}
