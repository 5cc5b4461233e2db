// A table of a page: text to the left, numbers to the right, cells shaded by their values where wanted.

/// Rows under titles.
struct HTMLTable {
  /// One cell.
  struct Cell {
    let text: String
    let isText: Bool
    /// How strongly it is shaded, in [0, 1].
    let heat: Double?

    static func text(_ text: String) -> Cell { Cell(text: text, isText: true, heat: nil) }
    static func number(_ text: String, heat: Double? = nil) -> Cell { Cell(text: text, isText: false, heat: heat) }

    var markup: Markup {
      if let heat { return "<td class=\"heat\" style=\"--h:\(Figures.decimal(min(1, max(0, heat)), 2))\">\(text)</td>" }
      return isText ? "<td class=\"text\">\(text)</td>" : "<td>\(text)</td>"
    }
  }

  /// Titles; those of columns of text are aligned like them.
  let titles: [Cell]
  var rows: [(cells: [Cell], isWorst: Bool)] = []

  init(_ titles: [Cell]) { self.titles = titles }

  mutating func add(_ cells: [Cell], isWorst: Bool = false) { rows.append((cells, isWorst)) }

  /// The table; nothing without rows.
  var markup: Markup {
    if rows.isEmpty { return "" }
    let head: [Markup] = titles.map { $0.isText ? "<th class=\"text\">\($0.text)</th>" : "<th>\($0.text)</th>" }
    let body: [Markup] = rows.map { row in
      let start: Markup = row.isWorst ? "<tr class=\"worst\">" : "<tr>"
      return "\(start)\(row.cells.map(\.markup))</tr>\n"
    }
    return "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)</tbody>\n</table></div>\n"
  }
}
