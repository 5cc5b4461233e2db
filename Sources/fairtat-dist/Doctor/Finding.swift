// One line of `doctor`: what was looked at, what was found, and whether that is well.

import Failures

/// How a finding is meant.
enum Judgement: String, Codable, Comparable {
  case ok
  /// Worth knowing; nothing to do.
  case note
  /// A run would work, but worse than it could.
  case warning
  /// A run would not start.
  case error

  private var rank: Int { [.ok, .note, .warning, .error].firstIndex(of: self) ?? 0 }

  static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// A finding.
struct Finding {
  /// The name in the table and the key in JSON.
  let key: String
  let value: Value
  let judgement: Judgement
  /// What it means and what to do, unless all is well.
  let advice: String
  /// What a run would end with, for an error.
  let code: ExitCode

  /// What was found: text, a number, or one text a rank.
  enum Value {
    case text(String)
    case number(Double)
    case list([String])
  }

  init(_ key: String, _ value: Value, _ judgement: Judgement = .ok, _ advice: String = "") {
    self.init(key, value, judgement, advice, code: .success)
  }

  init(_ key: String, _ text: String, _ judgement: Judgement = .ok, _ advice: String = "") {
    self.init(key, .text(text), judgement, advice)
  }

  init(_ key: String, _ value: Value, failing failure: Failure) {
    self.init(key, value, .error, failure.message, code: failure.code)
  }

  private init(_ key: String, _ value: Value, _ judgement: Judgement, _ advice: String, code: ExitCode) {
    self.key = key
    self.value = value
    self.judgement = judgement
    self.advice = advice
    self.code = code
  }
}

extension Finding.Value: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .list(let items): try container.encode(items)
    }
  }

  /// For the table; of a long list the beginning.
  var text: String {
    switch self {
    case .text(let text): return text
    case .number(let number): return number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .list(let items):
      return items.prefix(8).joined(separator: "; ") + (items.count > 8 ? "; and \(items.count - 8) more" : "")
    }
  }
}

extension Finding: Encodable {
  enum CodingKeys: String, CodingKey {
    case value, judgement, advice
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(judgement, forKey: .judgement)
    if !advice.isEmpty { try container.encode(advice, forKey: .advice) }
  }
}
