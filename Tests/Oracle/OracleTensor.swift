// The oracle's only container: a shape and its values, row-major, in Double. Nothing here is meant to be fast.

/// A dense row-major array of Doubles: NCHW for pictures, OIHW for filters, [N, K] for logits, [C] for vectors.
package struct OracleTensor: Sendable, Equatable {
  package let shape: [Int]
  /// The elements in row-major order, as PyTorch's default memory format holds them.
  package var values: [Double]

  package init(shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    self.shape = shape
    self.values = values
  }

  package init(shape: [Int], repeating value: Double = 0) {
    self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
  }

  /// The number of elements.
  package var count: Int { values.count }

  /// The number of elements of one example: everything behind the first extent.
  package var exampleCount: Int { shape.dropFirst().reduce(1, *) }

  /// The element (n, c, h, w) of a tensor of rank four.
  package subscript(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Double {
    get { values[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] }
    set { values[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] = newValue }
  }

  /// The element (row, column) of a tensor of rank two.
  package subscript(_ row: Int, _ column: Int) -> Double {
    get { values[row * shape[1] + column] }
    set { values[row * shape[1] + column] = newValue }
  }

  /// The sum of all elements.
  package var sum: Double { values.reduce(0, +) }

  /// The Euclidean norm of all elements.
  package var norm: Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The inner product with a tensor of the same shape.
  package func dot(_ other: OracleTensor) -> Double {
    precondition(shape == other.shape)
    return zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Every element changed by the same function.
  package func map(_ transform: (Double) -> Double) -> OracleTensor {
    OracleTensor(shape: shape, values: values.map(transform))
  }

  package static func + (a: OracleTensor, b: OracleTensor) -> OracleTensor {
    precondition(a.shape == b.shape)
    return OracleTensor(shape: a.shape, values: zip(a.values, b.values).map { $0 + $1 })
  }

  package static func * (scale: Double, a: OracleTensor) -> OracleTensor { a.map { scale * $0 } }
}
