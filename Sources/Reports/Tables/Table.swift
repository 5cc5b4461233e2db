// A table for papers and pages of text: cells of words and of numbers, the best and the second best of which stand out.
// One value, several renderers.

/// Rows under titles.
package struct Table: Equatable, Sendable {
  /// How much a number stands out.
  package enum Standing: Sendable {
    case best, second
  }

  /// One cell.
  package enum Cell: Equatable, Sendable {
    case text(String)
    /// A number as written, what it may be off by or between what it may lie, a mark that points to a note below, and its standing.
    case number(
      String, deviation: String? = nil, range: String? = nil, mark: String = "", standing: Standing? = nil)
  }

  /// One title a column; those of columns of numbers are aligned like them.
  package let titles: [Cell]
  /// Rows of as many cells as titles, in sections that are set apart.
  package private(set) var sections: [[[Cell]]] = [[]]
  /// What stands above and below.
  package let caption: String
  package private(set) var notes: [String] = []

  package init(_ titles: [Cell], caption: String) {
    self.titles = titles
    self.caption = caption
  }

  /// - Precondition: as many cells as titles.
  package mutating func add(_ cells: [Cell]) {
    precondition(cells.count == titles.count, "one cell a column expected")
    sections[sections.count - 1].append(cells)
  }

  /// What follows is set apart.
  package mutating func endSection() {
    if sections[sections.count - 1].isEmpty { return }
    sections.append([])
  }

  package mutating func note(_ text: String) { notes.append(text) }

  var rows: [[Cell]] { sections.flatMap(\.self) }
}
