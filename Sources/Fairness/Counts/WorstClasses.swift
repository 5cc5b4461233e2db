// "Worst class" in one number.
//
// FAIR-TAT reports min_k A_k for CIFAR-10 and the mean of the 10 lowest A_k, the worst 10 %, for CIFAR-100, where the
// minimum over 100 classes of few images says little. A class without examples has no accuracy and takes no part: the tenth
// is one of the classes that have some.

/// The classes whose mean accuracy is the worst-class accuracy.
package enum WorstClasses {
  /// How many they are: a tenth of the classes that have examples where those are 100 or more, else one.
  package static func count(ofPresent present: Int) -> Int { present >= 100 ? present / 10 : min(1, present) }

  /// Their indices, worst first; none without examples.
  ///
  /// - Parameters:
  ///   - accuracies: A_k; nil for a class without examples.
  ///   - clean: of equally bad classes the one with the lower clean accuracy comes first, then the lower index.
  package static func indices(_ accuracies: [Double?], clean: [Double?]? = nil) -> [Int] {
    precondition(clean.map { $0.count == accuracies.count } ?? true, "one clean accuracy per class expected")
    let ranked = order(accuracies, clean: clean)
    return Array(ranked.prefix(count(ofPresent: ranked.count)))
  }

  /// All classes that have examples, in the order that `indices` begins.
  package static func order(_ accuracies: [Double?], clean: [Double?]? = nil) -> [Int] {
    let present = accuracies.indices.filter { accuracies[$0] != nil }
    func key(_ k: Int) -> (Double, Double, Int) { (accuracies[k] ?? 0, clean?[k] ?? 0, k) }
    return present.sorted { key($0) < key($1) }
  }

  /// The worst-class accuracy from TP_k and N_k; nil without examples. Which of equally bad classes are taken does not
  /// matter to it.
  ///
  /// Where the classes concerned are equally large, the mean is one quotient of integers: ten classes at 2 of 10 are
  /// 0.2, not a sum of tenths just below, and so reach a threshold of 0.2.
  package static func accuracy(correct: [Int64], examples: [Int64]) -> Double? {
    let accuracies = zip(correct, examples).map { $1 == 0 ? nil : Double($0) / Double($1) }
    let worst = indices(accuracies)
    guard let first = worst.first else { return nil }
    if worst.allSatisfy({ examples[$0] == examples[first] }) {
      return Double(worst.reduce(0) { $0 + correct[$1] }) / (Double(worst.count) * Double(examples[first]))
    }
    return worst.reduce(0) { $0 + (accuracies[$1] ?? 0) } / Double(worst.count)
  }
}
