// What a training pass leaves behind for fairness: per class k, integers that are exact in any order of summation.
//
//   N_k  examples with label k          TP_k  those of them predicted k
//   FP_k examples predicted k, label other than k      T_k  targets drawn: k
//
// FAIR-TAT (arXiv 2410.23142), eq. 8, counts TP and FP of the adversarial training batch this way; class accuracy is
// TP_k / N_k with real counts, where the released code writes K·TP_k / N.

/// Per-class counts of labels, correct predictions, false positives and drawn targets.
///
/// One flat memory of 4·K integers, so that one exact sum over ranks takes all of it. Labels, predictions and targets
/// lie in 0 ..< K; anything else is a programming error.
package struct ClassCounts: Equatable, Sendable {
  /// K.
  package let classCount: Int
  /// The rows N, TP, FP, T one after the other, K integers each.
  package private(set) var flat: [Int64]

  /// All zero.
  package init(classCount: Int) {
    precondition(classCount > 0, "no classes")
    self.classCount = classCount
    flat = [Int64](repeating: 0, count: 4 * classCount)
  }

  /// The counts that `flat` of K classes holds.
  package init(classCount: Int, flat: [Int64]) {
    precondition(classCount > 0 && flat.count == 4 * classCount, "4·K counts expected")
    self.classCount = classCount
    self.flat = flat
  }

  /// N_k.
  package var examples: [Int64] { row(0) }
  /// TP_k.
  package var correct: [Int64] { row(1) }
  /// FP_k.
  package var falsePositives: [Int64] { row(2) }
  /// T_k; all zero where nothing was targeted.
  package var targets: [Int64] { row(3) }

  /// All examples.
  package var total: Int64 { sum(ofRow: 0) }
  /// All correct predictions.
  package var totalCorrect: Int64 { sum(ofRow: 1) }
  /// Correct predictions over examples; nil without examples.
  package var accuracy: Double? { total == 0 ? nil : Double(totalCorrect) / Double(total) }
  /// t_k = TP_k / N_k; nil for a class without examples.
  package var classAccuracy: [Double?] {
    zip(correct, examples).map { $1 == 0 ? nil : Double($0) / Double($1) }
  }

  /// Counts one example.
  package mutating func record(label: Int, prediction: Int) {
    precondition(0..<classCount ~= label && 0..<classCount ~= prediction, "class out of range")
    flat[label] += 1
    flat[(label == prediction ? 1 : 2) * classCount + prediction] += 1
  }

  /// Counts one drawn target.
  package mutating func record(target: Int) {
    precondition(0..<classCount ~= target, "class out of range")
    flat[3 * classCount + target] += 1
  }

  /// Adds the counts of other examples.
  package mutating func add(_ other: ClassCounts) {
    precondition(other.classCount == classCount, "counts of different classes")
    for i in flat.indices { flat[i] += other.flat[i] }
  }

  /// Back to zero.
  package mutating func reset() {
    for i in flat.indices { flat[i] = 0 }
  }

  /// Lends the flat memory, 4·K integers, for an exact sum over ranks in place.
  package mutating func withUnsafeMutableBuffer<Result>(
    _ body: (UnsafeMutableBufferPointer<Int64>) throws -> Result
  ) rethrows -> Result {
    try flat.withUnsafeMutableBufferPointer { try body($0) }
  }

  private func sum(ofRow index: Int) -> Int64 {
    var sum: Int64 = 0
    for i in index * classCount..<(index + 1) * classCount { sum += flat[i] }
    return sum
  }

  private func row(_ index: Int) -> [Int64] { Array(flat[index * classCount..<(index + 1) * classCount]) }
}

extension ClassCounts: Codable {
  private enum CodingKeys: String, CodingKey {
    case examples, correct
    case falsePositives = "false_positives"
    case targets
  }

  /// Reads four rows of equal length.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try [CodingKeys.examples, .correct, .falsePositives, .targets]
      .map { try container.decode([Int64].self, forKey: $0) }
    guard !rows[0].isEmpty, rows.allSatisfy({ $0.count == rows[0].count }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "class counts: rows of different length"))
    }
    self.init(classCount: rows[0].count, flat: rows.flatMap { $0 })
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(examples, forKey: .examples)
    try container.encode(correct, forKey: .correct)
    try container.encode(falsePositives, forKey: .falsePositives)
    try container.encode(targets, forKey: .targets)
  }
}
