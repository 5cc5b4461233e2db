// How much of something there would be, counted before it is made: a count that cannot overflow.

/// A count, 0 or more; what is beyond `Int.max` counts as `Int.max`.
package struct Amount: Comparable, Sendable, ExpressibleByIntegerLiteral {
  package let value: Int

  /// - Precondition: `value` is not negative.
  package init(_ value: Int) {
    precondition(value >= 0, "an amount is 0 or more")
    self.value = value
  }

  package init(integerLiteral value: Int) { self.init(value) }

  package static func < (a: Amount, b: Amount) -> Bool { a.value < b.value }

  package static func + (a: Amount, b: Amount) -> Amount {
    let (sum, overflow) = a.value.addingReportingOverflow(b.value)
    return Amount(overflow ? .max : sum)
  }

  package static func += (a: inout Amount, b: Amount) { a = a + b }

  package static func * (a: Amount, b: Amount) -> Amount {
    let (product, overflow) = a.value.multipliedReportingOverflow(by: b.value)
    return Amount(overflow ? .max : product)
  }
}
