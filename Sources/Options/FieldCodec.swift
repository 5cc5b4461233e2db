// How a key's value is read from text and written back: one codec a kind of value.

/// Reads and prints one kind of value; `print` then `parse` gives the same value.
package struct FieldCodec<Value: Equatable & Sendable>: Sendable {
  /// What is allowed, to follow "allowed:" in a message.
  package let allowed: String
  /// The value, or nil where the text is not allowed.
  package let parse: @Sendable (FieldText) -> Value?
  /// YAML that reads back as the value.
  package let print: @Sendable (Value) -> String
}

extension FieldCodec where Value: FixedWidthInteger {
  /// Whole numbers in a range.
  package static func whole(_ range: ClosedRange<Value>) -> Self {
    Self(
      allowed: "a whole number in \(range.lowerBound)...\(range.upperBound)",
      parse: { text in text.scalar.flatMap { Value($0) }.flatMap { range.contains($0) ? $0 : nil } },
      print: { "\($0)" })
  }
}

extension FieldCodec where Value == Int {
  /// Multiples of `factor` in a range.
  package static func multiple(of factor: Int, _ range: ClosedRange<Int>) -> Self {
    Self(
      allowed: "a multiple of \(factor) in \(range.lowerBound)...\(range.upperBound)",
      parse: { text in
        text.scalar.flatMap { Int($0) }.flatMap { $0 % factor == 0 && range.contains($0) ? $0 : nil }
      },
      print: { "\($0)" })
  }
}

extension FieldCodec where Value == Bool {
  package static var flag: Self {
    Self(
      allowed: "true or false",
      parse: { text in text.isWord("true") ? true : text.isWord("false") ? false : nil },
      print: { "\($0)" })
  }
}

extension FieldCodec where Value == Real {
  /// Numbers and fractions for which `test` holds; `allowed` says which those are.
  private static func real(_ allowed: String, where test: @escaping @Sendable (Double) -> Bool) -> Self {
    Self(
      allowed: allowed,
      parse: { text in text.scalar.flatMap { Real($0) }.flatMap { test($0.value) ? $0 : nil } },
      print: { $0.description })
  }

  /// Numbers and fractions in a range.
  ///
  /// - Parameter unit: what the numbers are.
  package static func real(_ range: ClosedRange<Double>, _ unit: String = "a number or fraction") -> Self {
    real("\(unit) in \(Real(range.lowerBound))...\(Real(range.upperBound))") { range.contains($0) }
  }

  /// A number or fraction in 0...1.
  package static var unit: Self { real(0...1) }
  /// A number or fraction in 0..<1.
  package static var belowOne: Self { real("a number or fraction, at least 0 and below 1") { (0..<1).contains($0) } }
}

/// Items of a list in a recipe; nobody's has as many.
private let mostItems = 1_000

extension FieldCodec where Value == [Real] {
  /// Numbers and fractions in 0...1.
  package static var units: Self {
    Self(
      allowed: "a list of up to \(mostItems) numbers or fractions in 0...1, such as [0.1, 0.01]",
      parse: { text in
        let numbers = text.items.compactMap { Real($0) }
        let isAllowed =
          numbers.count == text.items.count && numbers.count <= mostItems
          && numbers.allSatisfy { (0...1).contains($0.value) }
        return isAllowed ? numbers : nil
      },
      print: { "[\($0.map(\.description).joined(separator: ", "))]" })
  }

  /// The ends of an interval inside a range.
  package static func interval(_ range: ClosedRange<Double>) -> Self {
    Self(
      allowed:
        "two numbers in \(Real(range.lowerBound))...\(Real(range.upperBound)), the lesser first, such as [0.8, 1.2]",
      parse: { text in
        let numbers = text.items.compactMap { Real($0) }
        let isAllowed =
          text.items.count == 2 && numbers.count == 2 && numbers.allSatisfy { range.contains($0.value) }
          && numbers[0].value <= numbers[1].value
        return isAllowed ? numbers : nil
      },
      print: { "[\($0.map(\.description).joined(separator: ", "))]" })
  }

  /// Three numbers, for red, green and blue, in a range.
  package static func colours(_ range: ClosedRange<Double>) -> Self {
    Self(
      allowed: "three numbers in \(Real(range.lowerBound))...\(Real(range.upperBound)) such as [0.5, 0.5, 0.5]",
      parse: { text in
        let numbers = text.items.compactMap { Real($0) }
        let isAllowed =
          text.items.count == 3 && numbers.count == 3 && numbers.allSatisfy { range.contains($0.value) }
        return isAllowed ? numbers : nil
      },
      print: { "[\($0.map(\.description).joined(separator: ", "))]" })
  }
}

extension FieldCodec where Value == String {
  /// A name; which ones are known is the command line's to check, against the registries.
  package static var name: Self {
    Self(
      allowed: "a name",
      parse: { text in text.scalar.flatMap { $0.isEmpty ? nil : $0 } },
      print: { quotedIfNeeded($0) })
  }

  /// A path of this machine.
  package static var path: Self { Self(allowed: "a path", parse: name.parse, print: name.print) }

  /// A string as a YAML scalar, double-quoted unless its characters are harmless.
  private static func quotedIfNeeded(_ text: String, words: Set<String> = ["null", "none", "true", "false"]) -> String {
    let harmless = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._/+-".contains($0)) }
    if harmless && !text.isEmpty && !text.hasPrefix("-") && !words.contains(text) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        quoted += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension FieldCodec where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the cases, by raw value.
  package static var choice: Self {
    Self(
      allowed: Value.allCases.map(\.rawValue).joined(separator: ", "),
      parse: { text in text.scalar.flatMap { Value(rawValue: $0) } },
      print: { $0.rawValue })
  }
}

extension FieldCodec where Value == Moment {
  package static var moment: Self {
    Self(
      allowed: "an epoch (a whole number in 0...\(Limits.epochs.upperBound)), or a fraction of the length such as 1/4",
      parse: { text in text.scalar.flatMap { Moment($0) } },
      print: { $0.description })
  }
}

extension FieldCodec where Value == [Moment] {
  package static var moments: Self {
    Self(
      allowed: "a list of up to \(mostItems) epochs (whole numbers in 0...\(Limits.epochs.upperBound)) or fractions "
        + "of the length, such as [1/2, 3/4]",
      parse: { text in
        let moments = text.items.compactMap { Moment($0) }
        return moments.count == text.items.count && moments.count <= mostItems ? moments : nil
      },
      print: { "[\($0.map(\.description).joined(separator: ", "))]" })
  }
}

extension FieldCodec {
  /// This, or nothing, which the word (or `null`) stands for.
  package func optional(_ word: String) -> FieldCodec<Value?> {
    FieldCodec<Value?>(
      allowed: "\(word), or \(allowed)",
      parse: { text in
        if [word, "null", "~", ""].contains(where: text.isWord) { return .some(nil) }
        return parse(text).map { .some($0) }
      },
      print: { $0.map(print) ?? word })
  }
}
