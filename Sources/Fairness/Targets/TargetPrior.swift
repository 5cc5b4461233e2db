// The prior over target classes, and the target of one example.
//
//   P(t = k | y) = q_k / (1 - q_y) for k != y, and 0 for k = y
//
// which is what redrawing until the target differs from the label amounts to (FAIR-TAT, arXiv 2410.23142). Where q_y = 1
// redrawing would never end: the target is then uniform over the other classes.

/// A distribution q over K >= 2 classes from which targets other than the label are drawn.
package struct TargetPrior: Codable, Equatable, Sendable {
  /// q_k, K values that sum to 1 up to rounding.
  package let probabilities: [Double]

  /// A prior with these probabilities: at least two, none negative, all finite.
  package init(probabilities: [Double]) {
    precondition(probabilities.count >= 2, "a target needs two classes")
    precondition(probabilities.allSatisfy { $0 >= 0 && $0.isFinite }, "probabilities expected")
    self.probabilities = probabilities
  }

  /// 1 / K for each of K >= 2 classes.
  package static func uniform(classCount: Int) -> TargetPrior {
    TargetPrior(probabilities: [Double](repeating: 1 / Double(classCount), count: classCount))
  }

  /// K.
  package var classCount: Int { probabilities.count }
  /// The entropy of q in nats, at most log K.
  package var entropy: Double { Entropy.nats(probabilities) }

  /// The target of an example, by inversion of the conditional distribution function; never the label, and never a class
  /// of probability 0 unless all others have it.
  ///
  /// - Parameter uniform: a uniform number in [0, 1).
  package func draw(label: Int, uniform: Double) -> Int {
    probabilities.withUnsafeBufferPointer { Self.draw($0, label: label, uniform: uniform) }
  }

  /// The same for K >= 2 weights that need not sum to 1; all of them 0: uniform.
  package static func draw(
    _ weights: UnsafeBufferPointer<some BinaryFloatingPoint>, label: Int, uniform: Double
  ) -> Int {
    precondition(uniform >= 0 && uniform < 1, "a number in [0, 1) expected")
    precondition(weights.indices ~= label, "class out of range")
    // Of all classes but the label: summed, not 1 - q_y, so that the walk below ends where it does.
    var rest = 0.0
    for k in weights.indices where k != label { rest += Double(weights[k]) }
    guard rest > 0 else {
      let place = min(Int(uniform * Double(weights.count - 1)), weights.count - 2)
      return place < label ? place : place + 1
    }
    let threshold = uniform * rest
    var sum = 0.0
    var last = label
    for k in weights.indices where k != label && weights[k] > 0 {
      sum += Double(weights[k])
      last = k
      if threshold < sum { break }
    }
    // `threshold` may round up to `rest`; the last possible class stands for the end of the distribution.
    return last
  }
}
