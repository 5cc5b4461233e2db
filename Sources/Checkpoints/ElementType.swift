// The element types of safetensors that we read and write, under the format's names.

/// What one element of a stored tensor is.
package enum ElementType: String, CaseIterable, Sendable {
  case float32 = "F32"
  case float64 = "F64"
  case int64 = "I64"
  case uint8 = "U8"

  /// Bytes an element.
  package var byteCount: Int {
    switch self {
    case .uint8: 1
    case .float32: 4
    case .float64, .int64: 8
    }
  }

  /// The bytes of a tensor of this type; nil where an extent is negative or the product overflows.
  package func byteCount(of shape: [Int]) -> Int? {
    var bytes = byteCount
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflow { return nil }
      bytes = product
    }
    return bytes
  }
}
