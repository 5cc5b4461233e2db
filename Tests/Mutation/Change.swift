// The ways to damage a file.

/// One kind of change.
enum Change: CaseIterable {
  case flipBit, setByte, insertBytes, deleteBytes, copyPart
  case replaceNumber, swapTokens, replaceToken
  case repeatLine, deleteLine, moveLine, truncate

  /// What readers of numbers trip over.
  private static let numbers = [
    "0", "-0", "-1", "1", "2", "0.5", "1.5", "1e18", "1e19", "1e99", "1e308", "1e999", "-1e999", "5e-324", "1e-400",
    "9007199254740993", "4294967296", "2147483648", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "18446744073709551615", "99999999999999999999999999", "1/0", "00", "0x10", "NaN",
  ]
  /// What stands where something else is expected.
  private static let tokens = [
    "null", "true", "\"\"", "\"NaN\"", "[]", "{}", "[[]]", "[null]", "{\"a\":1}", "\"\\u0000\"", "\"\\ud800\"", "NaN",
    "Infinity", "-", "~", "*a", "&a x", "!!binary x", "<<", "? ", "- ", "|", "#", "\u{FEFF}", "\u{2028}", "\t", "\r\n",
    "\"", ":", ",", "}", "]", "{", "[",
    String(repeating: "[", count: 3_000), String(repeating: "{\"a\":", count: 3_000),
    String(repeating: "- ", count: 3_000), String(repeating: "9", count: 5_000), String(repeating: "é", count: 5_000),
  ].map { Array($0.utf8) }
  private static let bytes: [UInt8] = [
    0, 9, 10, 13, 32, 34, 44, 45, 48, 57, 58, 91, 92, 93, 123, 125, 127, 128, 192, 255,
  ]

  func apply(to bytes: inout [UInt8], _ draws: inout Draws) {
    switch self {
    case .flipBit:
      if !bytes.isEmpty { bytes[draws.below(bytes.count)] ^= 1 << UInt8(draws.below(8)) }
    case .setByte:
      if !bytes.isEmpty { bytes[draws.below(bytes.count)] = Self.bytes[draws.below(Self.bytes.count)] }
    case .insertBytes:
      let place = draws.below(bytes.count + 1)
      bytes.insert(contentsOf: (0...draws.below(8)).map { _ in UInt8(draws.below(256)) }, at: place)
    case .deleteBytes:
      bytes.removeSubrange(draws.range(in: bytes.count, upTo: 40))
    case .copyPart:
      let part = Array(bytes[draws.range(in: bytes.count, upTo: 400)])
      let place = draws.range(in: bytes.count + 1, upTo: 400)
      bytes.replaceSubrange(place.clamped(to: 0..<bytes.count), with: part)
    case .replaceNumber:
      guard let place = draws.one(of: Self.numbers(in: bytes)), let number = draws.one(of: Self.numbers) else { return }
      bytes.replaceSubrange(place, with: Array(number.utf8))
    case .swapTokens:
      let words = Self.words(in: bytes)
      guard let one = draws.one(of: words), let other = draws.one(of: words), one != other else { return }
      let (first, second) = one.lowerBound < other.lowerBound ? (one, other) : (other, one)
      let (head, tail) = (Array(bytes[first]), Array(bytes[second]))
      bytes.replaceSubrange(second, with: head)
      bytes.replaceSubrange(first, with: tail)
    case .replaceToken:
      guard let place = draws.one(of: Self.words(in: bytes)), let token = draws.one(of: Self.tokens) else { return }
      bytes.replaceSubrange(place, with: token)
    case .repeatLine:
      guard let line = draws.one(of: Self.lines(in: bytes)) else { return }
      bytes.insert(contentsOf: bytes[line], at: line.upperBound)
    case .deleteLine:
      guard let line = draws.one(of: Self.lines(in: bytes)) else { return }
      bytes.removeSubrange(line)
    case .moveLine:
      guard let line = draws.one(of: Self.lines(in: bytes)) else { return }
      let text = Array(bytes[line])
      bytes.removeSubrange(line)
      bytes.insert(contentsOf: text, at: draws.one(of: Self.lines(in: bytes))?.lowerBound ?? 0)
    case .truncate:
      bytes.removeLast(draws.below(bytes.count))
    }
  }

  /// The lines with their ends.
  private static func lines(in bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      lines.append(start..<place + 1)
      start = place + 1
    }
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }

  private static func runs(in bytes: [UInt8], where belongs: (UInt8) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for (place, byte) in bytes.enumerated() {
      if belongs(byte) {
        start = start ?? place
      } else if let first = start {
        runs.append(first..<place)
        start = nil
      }
    }
    if let start { runs.append(start..<bytes.count) }
    return runs
  }

  private static func numbers(in bytes: [UInt8]) -> [Range<Int>] {
    runs(in: bytes) { 48...57 ~= $0 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// What stands between spaces and punctuation.
  private static func words(in bytes: [UInt8]) -> [Range<Int>] {
    runs(in: bytes) { !" \n\t,:{}[]".utf8.contains($0) }
  }
}
