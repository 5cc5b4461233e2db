// Sums of predicted probabilities, exact in any order: each probability becomes a whole number of parts in 2^30.
//
// S_ij = Σ p_j over the examples of class i, K·K integers row after row. A sum of 2^16 examples is below 2^46, so it travels
// as a Double, and adds up to 2^53.

/// Fixed-point sums of softmax rows by class.
package enum PredictionSums {
  /// Parts of 1.
  package static let unit = 1_073_741_824.0

  /// The whole number of a probability; 0 of what is no number, which the loss will tell.
  package static func parts(_ probability: Float) -> Int64 {
    probability.isFinite ? Int64((Double(probability) * unit).rounded()) : 0
  }

  /// S_ij / N_i: the mean prediction of each class; nil rows for classes without examples.
  package static func means(_ sums: [Double], classCount k: Int) -> [[Double]?] {
    (0..<k).map { i in
      let row = sums[i * k..<(i + 1) * k]
      // The probabilities of an example sum to 1.
      let examples = row.reduce(0, +)
      return examples > 0 ? row.map { $0 / examples } : nil
    }
  }
}
