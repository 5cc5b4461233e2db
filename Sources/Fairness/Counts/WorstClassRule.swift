// "Worst class" in one number.
//
// FAIR-TAT reports min_k A_k for CIFAR-10 and the mean of the 10 lowest A_k, the worst 10 %, for CIFAR-100, where the
// minimum over 100 classes of few images says little. A class without examples has no accuracy and takes no part.

/// How class accuracies become a worst-class accuracy.
package enum WorstClassRule: String, Codable, Sendable {
  /// min_k A_k.
  case minimum
  /// The mean of the lowest tenth of the classes (K / 10, at least one).
  case lowestTenth = "lowest-tenth"

  /// The rule of the literature for K classes: the lowest tenth from 100 classes on, the minimum below.
  package static func standard(classCount: Int) -> WorstClassRule { classCount >= 100 ? .lowestTenth : .minimum }

  /// The classes whose accuracy the rule averages, worst first; of equally bad ones the lower index first.
  ///
  /// Empty without examples.
  package func classes(accuracies: [Double?]) -> [Int] {
    let present = accuracies.enumerated().compactMap { k, accuracy in accuracy.map { (k: k, accuracy: $0) } }
    let sorted = present.sorted { ($0.accuracy, $0.k) < ($1.accuracy, $1.k) }
    let count = self == .minimum ? 1 : max(1, accuracies.count / 10)
    return sorted.prefix(count).map(\.k)
  }

  /// The worst-class accuracy from TP_k and N_k; nil without examples.
  ///
  /// Where the classes concerned are equally large, the mean is one quotient of integers: ten classes at 2 of 10 are
  /// 0.2, not a sum of tenths just below, and so reach a threshold of 0.2.
  package func value(correct: [Int64], examples: [Int64]) -> Double? {
    let accuracies = zip(correct, examples).map { $1 == 0 ? nil : Double($0) / Double($1) }
    let worst = classes(accuracies: accuracies)
    guard let first = worst.first else { return nil }
    if worst.allSatisfy({ examples[$0] == examples[first] }) {
      return Double(worst.reduce(0) { $0 + correct[$1] }) / (Double(worst.count) * Double(examples[first]))
    }
    return worst.reduce(0) { $0 + (accuracies[$1] ?? 0) } / Double(worst.count)
  }
}
