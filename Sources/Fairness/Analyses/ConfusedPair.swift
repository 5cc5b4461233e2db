// Whom an attack confuses most.

/// A class and what images of it are taken for.
package struct ConfusedPair: Encodable, Equatable, Sendable {
  package let label: Int, prediction: Int
  /// Images of `label` that are predicted as `prediction` after the attack.
  package let count: Int64
  /// A few of them, by their place in the test set.
  package let examples: [Int]

  package init(label: Int, prediction: Int, count: Int64, examples: [Int]) {
    self.label = label
    self.prediction = prediction
    self.count = count
    self.examples = examples
  }

  /// The most frequent mistakes, the most frequent first; of equally frequent ones the first in the matrix.
  ///
  /// Their examples are those that the attack turned, then those that were taken for that class as they are.
  /// - Parameters:
  ///   - count: how many pairs, where there are so many.
  ///   - each: how many examples of each.
  package static func most(_ verdicts: Verdicts, count: Int = 3, each: Int = 3) -> [ConfusedPair] {
    let robust = verdicts.robust
    let k = robust.classCount
    let mistakes = (0..<k * k).filter { $0 / k != $0 % k && robust.flat[$0] > 0 }
    return mistakes.sorted { (-robust.flat[$0], $0) < (-robust.flat[$1], $1) }.prefix(count).map { cell in
      let (label, prediction) = (cell / k, cell % k)
      let own = verdicts.examples.indices.filter {
        Int(verdicts.examples[$0].label) == label && Int(verdicts.examples[$0].attacked) == prediction
      }
      let turned = own.filter { Int(verdicts.examples[$0].clean) != prediction }
      let others = own.filter { Int(verdicts.examples[$0].clean) == prediction }
      return ConfusedPair(
        label: label, prediction: prediction, count: robust.flat[cell], examples: Array((turned + others).prefix(each)))
    }
  }
}
