// What a pickle describes, as plain data. Containers and tensors are numbers into lists of the machine's, so that no value
// holds another: a file that nests a million lists costs a million entries, not a million levels of the stack.

/// A value on a pickle machine's stack.
enum PickleValue: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  /// A number beyond 64 bits, little-endian.
  case wide([UInt8])
  /// A tuple or list, by its number.
  case sequence(Int)
  /// A dictionary, by its number.
  case mapping(Int)
  /// A class or function, which is known by its name and never called.
  case global(PickleGlobal)
  /// Elements that lie elsewhere in the file, by their number.
  case storage(Int)
  /// A view of a storage, by its number.
  case tensor(Int)
}

/// The classes and functions that state dicts are made of; nothing else is known, and nothing of them is run.
enum PickleGlobal: Hashable, Sendable {
  case orderedDictionary
  /// `torch._utils._rebuild_tensor` and `_rebuild_tensor_v2`.
  case tensor
  /// `torch._utils._rebuild_parameter`.
  case parameter
  /// `torch.Size`.
  case size
  /// `torch.FloatStorage` and its like.
  case storage(ElementType)

  /// - Returns: nil for everything else.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"): self = .tensor
    case ("torch._utils", "_rebuild_parameter"): self = .parameter
    case ("torch", "Size"): self = .size
    case ("torch", _), ("torch.cuda", _):
      guard let type = Self.storages[name] else { return nil }
      self = .storage(type)
    default: return nil
    }
  }

  private static let storages: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool,
  ]
}

/// Elements of one type, in a part of the file that has a name.
struct PickleStorage: Equatable, Sendable {
  let type: ElementType
  /// The name of its part of the file.
  let key: String
  /// Elements.
  let count: Int
}

/// A view of a storage: element (i, j, ...) lies at offset + i·strides[0] + j·strides[1] + ..., in elements.
struct PickleTensor: Equatable, Sendable {
  let storage: Int
  let offset: Int
  let shape: [Int]
  let strides: [Int]

  /// Elements; nil beyond `Int`.
  var count: Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// The place after its last element; nil beyond `Int`. Of no element: the offset.
  var end: Int? {
    guard count != 0 else { return offset }
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (way, tooFar) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (place, beyond) = last.addingReportingOverflow(way)
      if tooFar || beyond { return nil }
      last = place
    }
    return last == .max ? nil : last + 1
  }

  /// Whether its elements lie one after the other, row-major.
  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() {
      if extent != 1 && stride != expected { return false }
      expected &*= extent
    }
    return true
  }
}
