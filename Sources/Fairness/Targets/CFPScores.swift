// Class false positive scores:  CFPS_k = FP_k / sum_j FP_j = FP_k / (N - correct).
//
// FAIR-TAT (arXiv 2410.23142), eq. 8. The released code divides by zero where there are no errors; here there are no
// scores then.

/// The share that each class has in all false positives.
package enum CFPScores {
  /// The scores of FP_k, which sum to 1; nil if there is no false positive.
  package static func scores(falsePositives: [Int64]) -> [Double]? {
    let errors = falsePositives.reduce(0, +)
    return errors == 0 ? nil : falsePositives.map { Double($0) / Double(errors) }
  }
}

extension ClassCounts {
  /// CFPS_k; nil without errors.
  package var falsePositiveScores: [Double]? { CFPScores.scores(falsePositives: falsePositives) }
}
