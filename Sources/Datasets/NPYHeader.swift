// The header of NumPy's .npy format, versions 1 to 3 (numpy.lib.format): 6 magic bytes, 2 of version, the header's length
// (2 bytes in version 1, else 4, little-endian), then a Python dictionary such as
//   {'descr': '|u1', 'fortran_order': False, 'shape': (3, 32, 32, 3), }
// filled up with blanks and ended by a newline.

import Failures

/// What a .npy file says about its array.
package struct NPYHeader: Sendable, Equatable {
  /// Byte order and type, such as `|u1` or `<i8`.
  package var descr: String
  /// Whether the first index runs fastest.
  package var fortranOrder: Bool
  package var shape: [Int]

  package init(descr: String, fortranOrder: Bool, shape: [Int]) {
    self.descr = descr
    self.fortranOrder = fortranOrder
    self.shape = shape
  }

  /// Reads the dictionary.
  ///
  /// - Throws: `Failure` with `badData`, naming the file.
  package init(parsing text: some Sequence<UInt8>, path: String) throws {
    var scanner = Scanner(bytes: Array(text), path: path)
    self.init(descr: "", fortranOrder: false, shape: [])
    var seen: Set<String> = []
    try scanner.expect("{")
    while !scanner.take("}") {
      let key = try scanner.string()
      try scanner.expect(":")
      switch key {
      case "descr":
        if scanner.next == UInt8(ascii: "[") {
          throw Failure(.badData, "\(path) holds records (a structured dtype), plain numbers are needed")
        }
        descr = try scanner.string()
      case "fortran_order": fortranOrder = try scanner.boolean()
      case "shape": shape = try scanner.tuple()
      default: throw scanner.damaged
      }
      seen.insert(key)
      if !scanner.take(",") {
        try scanner.expect("}")
        break
      }
    }
    guard seen == ["descr", "fortran_order", "shape"] else { throw scanner.damaged }
  }

  /// The dictionary as numpy writes it.
  package var dictionary: String {
    let tuple = shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map { "\($0)" }.joined(separator: ", ") + ")"
    return "{'descr': '\(descr)', 'fortran_order': \(fortranOrder ? "True" : "False"), 'shape': \(tuple), }"
  }

  /// The few Python literals that a header is made of.
  private struct Scanner {
    let bytes: [UInt8]
    let path: String
    var at = 0

    var damaged: Failure { Failure(.badData, "\(path) has a .npy header that cannot be read: is the file damaged?") }

    /// The next byte that is no blank.
    var next: UInt8? {
      mutating get {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        return at < bytes.count ? bytes[at] : nil
      }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws {
      guard take(character) else { throw damaged }
    }

    mutating func string() throws -> String {
      guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { throw damaged }
      guard let end = bytes[(at + 1)...].firstIndex(of: quote) else { throw damaged }
      defer { at = end + 1 }
      return String(decoding: bytes[at + 1..<end], as: UTF8.self)
    }

    mutating func boolean() throws -> Bool {
      for (word, value) in [("True", true), ("False", false)]
      where next != nil && bytes[at...].starts(with: word.utf8) {
        at += word.utf8.count
        return value
      }
      throw damaged
    }

    mutating func tuple() throws -> [Int] {
      try expect("(")
      var numbers: [Int] = []
      while !take(")") {
        _ = next
        let digits = bytes[at...].prefix { (0x30...0x39).contains($0) }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw damaged }
        numbers.append(number)
        at = digits.endIndex
        if !take(",") {
          try expect(")")
          break
        }
      }
      return numbers
    }
  }
}
