// One table holds all that differs between classes. CFA's margins, DAFA's and FRL's weights, and targeted attacks for
// some classes only are policies that rewrite it between epochs; attacks and losses just look their class up.

/// The training settings of K classes, looked up by label.
package struct ClassSettings: Codable, Equatable, Sendable {
  /// One row per class.
  package var rows: [ClassSetting]

  /// The same row for K classes.
  package init(classCount: Int, repeating row: ClassSetting) {
    precondition(classCount > 0, "no classes")
    rows = [ClassSetting](repeating: row, count: classCount)
  }

  /// K.
  package var classCount: Int { rows.count }
  /// The row of a label.
  package subscript(label: Int) -> ClassSetting {
    get { rows[label] }
    set { rows[label] = newValue }
  }
  /// The most attack iterations of a class.
  package var mostSteps: Int { rows.reduce(0) { max($0, $1.steps) } }
  /// epsilon_k.
  package var margins: [Float] { rows.map(\.epsilon) }
  /// epsilon_k in units of 1/255, for logs and tables.
  package var margins255: [Float] { rows.map { $0.epsilon * 255 } }
}
