// A table for terminals and logs: aligned columns of plain text.

import Platform

/// Rows of cells under titles; columns of numbers are right-aligned, all others left-aligned.
package struct TextTable: Sendable {
  private let titles: [String]
  private var rows: [(cells: [String], isHighlighted: Bool)] = []

  package init(_ titles: [String]) { self.titles = titles }

  /// Adds a row; missing cells are empty.
  ///
  /// - Precondition: no more cells than titles.
  package mutating func add(_ cells: [String], highlighted: Bool = false) {
    precondition(cells.count <= titles.count, "more cells than columns")
    let cells = cells.map(PlainText.line)
    rows.append((cells + [String](repeating: "", count: titles.count - cells.count), highlighted))
  }

  /// The table, each line ended by a newline; a highlighted row begins with `>` and is bold where colour is allowed.
  package func text(colour: Bool) -> String {
    let marks = rows.contains { $0.isHighlighted }
    let columns = titles.indices.map { column in
      let cells = rows.map { $0.cells[column] }
      return (
        width: ([titles[column]] + cells).map(\.count).max() ?? 0,
        isNumeric: cells.contains(where: Self.isNumber) && cells.allSatisfy { Self.isNumber($0) || Self.isAbsent($0) }
      )
    }
    func line(_ cells: [String], mark: String) -> String {
      var line = marks ? mark + " " : ""
      for (column, cell) in zip(columns, cells) {
        let space = String(repeating: " ", count: column.width - cell.count)
        line += (column.isNumeric ? space + cell : cell + space) + "  "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    func bold(_ line: String) -> String { colour ? "\u{1B}[1m\(line)\u{1B}[0m" : line }
    let rule = columns.map { String(repeating: "-", count: $0.width) }
    var lines = [line(titles, mark: " "), line(rule, mark: " ")]
    for row in rows {
      let text = line(row.cells, mark: row.isHighlighted ? ">" : " ")
      lines.append(row.isHighlighted ? bold(text) : text)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Whether standard output is a terminal that shows colour (see no-color.org).
  package static var colourIsWelcome: Bool { Terminal.takesColour }

  /// Numbers, with a unit behind them or a deviation: `12`, `-0.5`, `41.2 %`, `38.57 ± 2.88`, `8/255`.
  private static func isNumber(_ cell: String) -> Bool {
    let parts = cell.split(separator: " ").filter { !["%", "±", "s", "ms"].contains($0) }
    return !parts.isEmpty
      && parts.allSatisfy { part in
        let digits = part.hasSuffix("%") ? part.dropLast() : part
        return digits.contains(where: \.isNumber) && digits.allSatisfy { "0123456789.,eE+-/".contains($0) }
      }
  }

  private static func isAbsent(_ cell: String) -> Bool { ["", "-", "–"].contains(cell) }
}
