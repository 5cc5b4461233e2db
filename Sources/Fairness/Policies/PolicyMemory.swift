// What policies remember from interval to interval: vectors of Doubles by name.

/// The memory of all policies, part of every checkpoint.
package struct PolicyMemory: Equatable, Sendable {
  private var vectors: [String: [Double]] = [:]

  package init() {}

  package var isEmpty: Bool { vectors.isEmpty }

  /// A vector; nil until it is set, and once it is set to nil.
  package subscript(name: String) -> [Double]? {
    get { vectors[name] }
    set { vectors[name] = newValue }
  }

  /// A vector of so many numbers; nil where there is none of that length.
  func vector(_ name: String, count: Int) -> [Double]? {
    vectors[name].flatMap { $0.count == count ? $0 : nil }
  }

  /// Names and values, sorted by name.
  package var sorted: [(name: String, values: [Double])] {
    vectors.sorted { $0.key < $1.key }.map { (name: $0.key, values: $0.value) }
  }

  /// Names and bits in a fixed order, for the digest that ranks compare; nothing where nothing is remembered.
  var words: [UInt64] {
    sorted.flatMap { name, values in
      name.utf8.map(UInt64.init) + [UInt64(values.count)] + values.map(\.bitPattern)
    }
  }
}

extension PolicyMemory: Codable {
  package init(from decoder: any Decoder) throws {
    vectors = try decoder.singleValueContainer().decode([String: [Double]].self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(vectors)
  }
}
