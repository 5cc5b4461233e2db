// Lengths of time as people and SLURM write them.

/// A length of time in seconds.
package struct WallTime: Equatable, Sendable {
  package let seconds: Int

  /// Reads seconds (`3600`), parts (`1d`, `2h30m`, `90s`) and SLURM's times with a colon or a dash (`MM:SS`, `HH:MM:SS`,
  /// `D-HH`, `D-HH:MM`, `D-HH:MM:SS`); nil for anything else, and for nothing at all.
  package init?(_ text: String) {
    guard let seconds = Self.parts(text) ?? Self.clock(text), seconds > 0 else { return nil }
    self.seconds = seconds
  }

  private static func parts(_ text: String) -> Int? {
    if let seconds = number(text[...]) { return seconds }
    var total = 0
    var digits = Substring()
    var units: [(letter: Character, seconds: Int)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
    for character in text {
      if character.isNumber {
        digits.append(character)
        continue
      }
      guard let count = number(digits), let at = units.firstIndex(where: { $0.letter == character }) else { return nil }
      total += count * units[at].seconds
      // Each unit once, the larger first.
      units.removeFirst(at + 1)
      digits = ""
    }
    return digits.isEmpty && !text.isEmpty ? total : nil
  }

  private static func clock(_ text: String) -> Int? {
    let halves = text.split(separator: "-", omittingEmptySubsequences: false)
    guard halves.count <= 2, let last = halves.last else { return nil }
    let fields = last.split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
    let numbers = fields.compactMap { $0 }
    guard numbers.count == fields.count, numbers.count <= 3, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
      return nil
    }
    if halves.count == 2 {
      guard let days = number(halves[0]) else { return nil }
      return days * 86_400 + zip(numbers, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    guard numbers.count > 1 else { return nil }
    return numbers.reduce(0) { $0 * 60 + $1 }
  }

  /// Digits only; a span beyond ten years is a mistake.
  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(text), value < 1 << 28 else {
      return nil
    }
    return value
  }
}
