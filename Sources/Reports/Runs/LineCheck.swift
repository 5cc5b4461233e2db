// What the numbers of a line of `metrics.jsonl` can be at all. A file may hold anything; whoever draws a page from it must
// not have to ask again whether a count fits into an integer or an axis has an end.

import Foundation

/// Looks at the values of one line and remembers the first that cannot be; missing ones are fine.
struct LineCheck {
  /// What is wrong, to follow the place of the line.
  private(set) var fault: String?

  /// Integers up to here are exact as Doubles too.
  static let largestCount: Int64 = 1 << 53
  /// Epochs, and classes, that a page still has room for.
  static let mostEpochs = 100_000_000, mostClasses = 65_536
  /// Numbers whose sums and differences are numbers too.
  static let anyNumber = -1e99...1e99, notNegative = 0...1e99, fraction = 0...1.0

  mutating func expect(_ holds: Bool, _ text: @autoclosure () -> String) {
    if fault == nil && !holds { fault = text() }
  }

  mutating func number(_ value: Double?, _ name: @autoclosure () -> String, in range: ClosedRange<Double> = anyNumber) {
    guard let value else { return }
    expect(range.contains(value), "\(name()) is \(value), not a number in \(range.lowerBound)...\(range.upperBound)")
  }

  mutating func count(_ value: Int64?, _ name: @autoclosure () -> String, from least: Int64 = 0) {
    guard let value else { return }
    expect((least...Self.largestCount).contains(value), "\(name()) is \(value), not a count from \(least) on")
  }

  mutating func numbers(
    _ values: [Double?]?, _ name: String, in range: ClosedRange<Double> = anyNumber
  ) {
    for (k, value) in (values ?? []).enumerated() { number(value, "\(name)[\(k)]", in: range) }
  }

  mutating func counts(_ values: [Int64]?, _ name: String) {
    for (k, value) in (values ?? []).enumerated() { count(value, "\(name)[\(k)]") }
  }

  /// An epoch from 0, and the step that a line stands at: every epoch before, and this one, have a step at least.
  mutating func place(epoch: Int, step: Int?) {
    expect((0...Self.mostEpochs).contains(epoch), "epoch is \(epoch), not in 0...\(Self.mostEpochs)")
    guard let step else { return }
    count(Int64(step), "step", from: 1)
    expect(step > epoch, "step is \(step) in epoch \(epoch), but an epoch has a step at least")
  }

  /// Lists by class must have the same length, that of `known` where lines before told one.
  ///
  /// - Returns: their length; nil without lists.
  mutating func classes(_ lists: [(name: String, count: Int?)], known: Int?) -> Int? {
    var length = known
    for (name, count) in lists {
      guard let count else { continue }
      expect((1...Self.mostClasses).contains(count), "\(name) has \(count) classes, not 1 to \(Self.mostClasses)")
      let before = length ?? count
      expect(count == before, "\(name) has \(count) classes, what stands before it \(before)")
      length = before
    }
    return length
  }

  /// What a JSON decoder met, in a few words.
  static func words(for error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is no JSON object" : "\(place(context.codingPath)) is no such value"
    default: return "it is no JSON object"
    }
  }
}
