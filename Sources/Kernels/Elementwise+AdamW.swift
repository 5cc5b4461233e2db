// The update of Adam with decoupled weight decay, element by element; Networks/AdamW.swift has the formulas.

extension Elementwise {
  /// One step's constants.
  package struct AdamW: Sendable {
    /// β₁ and β₂.
    let first: Float, second: Float
    /// η/(1 − β₁ᵗ).
    let stepSize: Float
    /// 1/√(1 − β₂ᵗ).
    let correction: Float
    let epsilon: Float

    package init(first: Float, second: Float, stepSize: Float, correction: Float, epsilon: Float) {
      self.first = first
      self.second = second
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
      let (restFirst, restSecond) = (1 - first, 1 - second)
      for i in 0..<count {
        let g = gradient[i]
        m[i] = first * m[i] + restFirst * g
        v[i] = second * v[i] + restSecond * (g * g)
        w[i] = keep * w[i] - stepSize * m[i] / (v[i].squareRoot() * correction + epsilon)
      }
    }
  }
}
