// What results were measured on.

/// The examples of an evaluation.
package enum ResultSplit: String, CaseIterable, Sendable {
  case test, validation
}
