// Sums of losses by class, exact in any order: each loss becomes a whole number of parts in 2^20.

/// Σ loss and examples of each class.
package struct ClassLosses: Equatable, Sendable {
  /// Parts of 1.
  package static let unit = 1_048_576.0
  /// No loss counts for more; a sum of 2^22 of them is exact.
  private static let most = 1e6

  /// [Σ loss in parts × K, N × K], for an exact sum over ranks.
  package private(set) var flat: [Int64]

  package init(classCount: Int) { flat = [Int64](repeating: 0, count: 2 * classCount) }

  /// Adds an example; its loss is a number, at least 0.
  package mutating func record(label: Int, loss: Float) {
    flat[label] += Int64((min(max(Double(loss), 0), Self.most) * Self.unit).rounded())
    flat[flat.count / 2 + label] += 1
  }

  /// Lends the flat memory for an exact sum over ranks in place.
  package mutating func withUnsafeMutableBuffer<Result>(
    _ body: (UnsafeMutableBufferPointer<Int64>) throws -> Result
  ) rethrows -> Result {
    try flat.withUnsafeMutableBufferPointer { try body($0) }
  }

  private var classCount: Int { flat.count / 2 }

  /// The mean of each class; nil for one without examples.
  package var means: [Double?] {
    (0..<classCount).map { k in
      let count = flat[classCount + k]
      return count == 0 ? nil : Double(flat[k]) / Self.unit / Double(count)
    }
  }

  /// The mean over all examples; nil without any.
  package var mean: Double? {
    let count = flat.suffix(classCount).reduce(0, +)
    return count == 0 ? nil : Double(flat.prefix(classCount).reduce(0, +)) / Self.unit / Double(count)
  }
}
