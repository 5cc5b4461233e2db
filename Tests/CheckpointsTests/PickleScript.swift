import Checkpoints

/// A file of PyTorch's older format, made by hand.
struct PickleScript {
  /// Magic number, version, facts of the machine.
  static let start: [UInt8] =
    [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    + [0x80, 2] + Array("}.".utf8)

  /// A file whose object is what a program makes.
  static func file(_ program: [UInt8], keys: [String] = [], elements: [[UInt8]] = []) -> [UInt8] {
    let list = Array("](".utf8) + keys.flatMap(text) + Array("e.".utf8)
    return start + [0x80, 2] + program + Array(".".utf8) + [0x80, 2] + list + elements.flatMap { $0 }
  }

  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  static func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }

  static func long(_ value: Int) -> [UInt8] { [0x8A, 8] + withUnsafeBytes(of: value.littleEndian, Array.init) }

  static func tuple(_ values: [Int]) -> [UInt8] { Array("(".utf8) + values.flatMap(long) + Array("t".utf8) }

  /// Elements of storage "0" as a tensor.
  static func tensor(count: Int, offset: Int = 0, shape: [Int], strides: [Int]) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2") + Array("((".utf8) + text("storage") + global("torch", "FloatStorage")
      + text("0") + text("cpu") + long(count) + Array("tQ".utf8) + long(offset) + tuple(shape) + tuple(strides)
      + [0x89] + global("collections", "OrderedDict") + Array(")RtR".utf8)
  }

  /// A dictionary with one entry.
  static func dictionary(_ value: [UInt8]) -> [UInt8] { Array("}".utf8) + text("x") + value + Array("s".utf8) }

  /// Float32 elements as they lie behind the pickles.
  static func storage(_ values: [Float]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(values.count), Array.init) + values.withUnsafeBytes(Array.init)
  }
}
