// The Swift types that a tensor in a safetensors file may be read into.

/// A number with an `ElementType`. Files are little-endian, and so is every machine this is built for.
package protocol StoredElement: BitwiseCopyable {
  /// How the file names this type.
  static var elementType: ElementType { get }
}

extension Float: StoredElement {
  package static var elementType: ElementType { .float32 }
}

extension Double: StoredElement {
  package static var elementType: ElementType { .float64 }
}

extension Int64: StoredElement {
  package static var elementType: ElementType { .int64 }
}

extension UInt8: StoredElement {
  package static var elementType: ElementType { .uint8 }
}
