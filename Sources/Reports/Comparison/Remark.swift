// What a comparison has to say beside its numbers.

/// One line for the reader.
package struct Remark: Equatable, Sendable {
  package let text: String
  /// Whether something is wrong that should not be.
  package let isWarning: Bool

  package init(_ text: String, isWarning: Bool = false) {
    self.text = text
    self.isWarning = isWarning
  }
}
