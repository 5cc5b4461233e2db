// One named tensor on its way into a safetensors file.

/// A tensor to be written: name, type, shape, and where its bytes come from (row-major, little-endian).
package struct TensorEntry {
  /// Where the bytes come from when their turn has come.
  package enum Source {
    /// Memory that stays valid until the file is written.
    case bytes(UnsafeRawBufferPointer)
    /// A closure that fills a buffer of exactly the tensor's size, aligned to 64 bytes.
    case fill((UnsafeMutableRawBufferPointer) throws -> Void)
  }

  package let name: String
  package let type: ElementType
  /// The extents; empty for a scalar.
  package let shape: [Int]
  package let source: Source

  package init(_ name: String, _ type: ElementType, shape: [Int], _ source: Source) {
    self.name = name
    self.type = type
    self.shape = shape
    self.source = source
  }

  /// A tensor from an array of `shape.reduce(1, *)` values.
  package init<Element: StoredElement>(_ name: String, shape: [Int], values: [Element]) {
    precondition(values.count == shape.reduce(1, *), "\(name) has \(values.count) values for shape \(shape)")
    self.init(
      name, Element.elementType, shape: shape,
      .fill { buffer in values.withUnsafeBytes { buffer.copyMemory(from: $0) } })
  }
}
