// One class in a class table.

/// What is known about one class; nil where a table does not know it.
package struct ClassRow: Codable, Equatable, Sendable {
  /// The class index, from 0.
  package var index: Int
  package var name: String
  /// N_k, of the attacked images where there are any.
  package var count: Int64
  /// A_k of clean images, in [0, 1].
  package var clean: Double?
  /// A_k of attacked images, in [0, 1].
  package var robust: Double?
  /// The share in all false positives, in [0, 1].
  package var cfp: Double?
  /// The probability of being drawn as a target, before the label is left out.
  package var prior: Double?
  /// The class margin in units of 1/255.
  package var margin255: Float?
  /// How often the class was drawn as a target.
  package var targets: Int64?
  /// Whether the class makes up the worst-class accuracy: robust if known, else clean.
  package var isWorst: Bool
}
