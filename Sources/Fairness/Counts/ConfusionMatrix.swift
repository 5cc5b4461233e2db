// Who is taken for whom: cell (y, k) counts the examples with label y that were predicted k.
//
// Everything an evaluation reports follows from these integers, exactly and on any number of ranks:
//   A_k = TP_k / N_k with TP_k = cell (k, k), N_k = sum of row k;  FP_k = sum of column k without cell (k, k).

/// A K x K matrix of counts; rows are labels, columns predictions.
package struct ConfusionMatrix: Equatable, Sendable {
  /// K.
  package let classCount: Int
  /// The K·K cells, row after row.
  package private(set) var flat: [Int64]

  /// All zero.
  package init(classCount: Int) {
    precondition(classCount > 0, "no classes")
    self.classCount = classCount
    flat = [Int64](repeating: 0, count: classCount * classCount)
  }

  /// The matrix whose K·K cells are given row after row.
  package init(classCount: Int, flat: [Int64]) {
    precondition(classCount > 0 && flat.count == classCount * classCount, "K·K counts expected")
    self.classCount = classCount
    self.flat = flat
  }

  /// Examples of a label that were predicted as a class.
  package subscript(label: Int, prediction: Int) -> Int64 {
    precondition(0..<classCount ~= label && 0..<classCount ~= prediction, "class out of range")
    return flat[label * classCount + prediction]
  }

  /// The cells as K rows.
  package var rows: [[Int64]] { (0..<classCount).map { Array(flat[$0 * classCount..<($0 + 1) * classCount]) } }
  /// N_k.
  package var examples: [Int64] { rows.map { $0.reduce(0, +) } }
  /// TP_k.
  package var correct: [Int64] { (0..<classCount).map { self[$0, $0] } }
  /// FP_k.
  package var falsePositives: [Int64] {
    (0..<classCount).map { k in (0..<classCount).reduce(0) { $0 + ($1 == k ? 0 : self[$1, k]) } }
  }

  /// All examples.
  package var total: Int64 { flat.reduce(0, +) }
  /// The fraction that is correct; nil without examples.
  package var accuracy: Double? { total == 0 ? nil : Double(correct.reduce(0, +)) / Double(total) }
  /// A_k; nil for a class without examples.
  package var classAccuracy: [Double?] {
    zip(correct, examples).map { $1 == 0 ? nil : Double($0) / Double($1) }
  }
  /// CFPS_k; nil without errors.
  package var falsePositiveScores: [Double]? { CFPScores.scores(falsePositives: falsePositives) }

  /// The worst-class accuracy in the sense of `WorstClasses`; nil without examples.
  package var worst: Double? { WorstClasses.accuracy(correct: correct, examples: examples) }

  /// Counts one example.
  package mutating func record(label: Int, prediction: Int) {
    precondition(0..<classCount ~= label && 0..<classCount ~= prediction, "class out of range")
    flat[label * classCount + prediction] += 1
  }

  /// Adds the counts of other examples.
  package mutating func add(_ other: ConfusionMatrix) {
    precondition(other.classCount == classCount, "matrices of different classes")
    for i in flat.indices { flat[i] += other.flat[i] }
  }

  /// Back to zero.
  package mutating func reset() {
    for i in flat.indices { flat[i] = 0 }
  }

  /// Lends the K·K cells, row after row, for an exact sum over ranks in place.
  package mutating func withUnsafeMutableBuffer<Result>(
    _ body: (UnsafeMutableBufferPointer<Int64>) throws -> Result
  ) rethrows -> Result {
    try flat.withUnsafeMutableBufferPointer { try body($0) }
  }
}

extension ConfusionMatrix: Codable {
  /// The most examples that are believed: their sums are exact in Double too.
  private static let most = Int64(1) << 53

  /// Reads a square array of rows of counts.
  package init(from decoder: any Decoder) throws {
    let rows = try decoder.singleValueContainer().decode([[Int64]].self)
    func refuse(_ what: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "confusion matrix: \(what)"))
    }
    guard !rows.isEmpty, rows.allSatisfy({ $0.count == rows.count }) else { throw refuse("not square") }
    var total: Int64 = 0
    for cell in rows.joined() {
      guard 0...Self.most ~= cell, total + cell <= Self.most else { throw refuse("\(cell) is no count") }
      total += cell
    }
    self.init(classCount: rows.count, flat: rows.flatMap { $0 })
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rows)
  }
}
