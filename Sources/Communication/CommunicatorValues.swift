// Collectives over Swift values, in terms of those over memory. They allocate: not for the inner loop.

extension Communicator {
  /// The sum of every rank's value.
  package func sum(_ value: Int) throws -> Int { try reduced(value, allReduceSum) }

  /// The greatest of every rank's value.
  package func maximum(_ value: Int) throws -> Int { try reduced(value, allReduceMaximum) }

  /// The least of every rank's value.
  package func minimum(_ value: Int) throws -> Int { try reduced(value, allReduceMinimum) }

  /// Element by element, the sums over ranks; as many values on every rank.
  package func sum(_ values: [Int64]) throws -> [Int64] {
    var values = values
    try values.withUnsafeMutableBufferPointer { try allReduceSum($0) }
    return values
  }

  /// The value of `root`, on every rank; what the others bring is not looked at.
  package func broadcast<Value: BitwiseCopyable>(_ value: Value, from root: Int = 0) throws -> Value {
    var value = value
    try withUnsafeMutableBytes(of: &value) { try broadcast($0, from: root) }
    return value
  }

  /// The bytes of `root`, on every rank; what the others bring is not looked at.
  package func broadcast(_ bytes: [UInt8], from root: Int = 0) throws -> [UInt8] {
    let count = try broadcast(bytes.count, from: root)
    var bytes = rank == root ? bytes : [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try broadcast($0, from: root) }
    return bytes
  }

  /// The text of `root`, on every rank; what the others bring is not looked at.
  package func broadcast(_ text: String, from root: Int = 0) throws -> String {
    String(decoding: try broadcast(Array(text.utf8), from: root), as: UTF8.self)
  }

  /// Every rank's bytes, by rank; any number of them on each.
  package func allGather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var counts = [Int](repeating: 0, count: size)
    try withUnsafeBytes(of: bytes.count) { own in
      try counts.withUnsafeMutableBytes {
        try allGather(own, into: $0, counts: [Int](repeating: MemoryLayout<Int>.size, count: size))
      }
    }
    let blocks = BlockList(counts: counts)
    var gathered = [UInt8](repeating: 0, count: counts.reduce(0, +))
    try bytes.withUnsafeBytes { own in
      try gathered.withUnsafeMutableBytes { try allGather(own, into: $0, counts: counts) }
    }
    return (0..<size).map { Array(gathered[blocks[$0]]) }
  }

  private func reduced(_ value: Int, _ reduce: (UnsafeMutableBufferPointer<Int64>) throws -> Void) throws -> Int {
    var value = Int64(value)
    try withUnsafeMutablePointer(to: &value) { try reduce(UnsafeMutableBufferPointer(start: $0, count: 1)) }
    return Int(value)
  }
}
