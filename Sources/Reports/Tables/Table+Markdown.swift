// A table as GitHub's Markdown, padded, so that it can be read as it is.

import Platform

extension Table {
  /// Caption, table, notes. The best is bold, the second underlined; Markdown knows no sections.
  package var markdown: String {
    let head = titles.map(Self.markdown)
    let body = rows.map { $0.map(Self.markdown) }
    let widths = titles.indices.map { column in max(3, ([head] + body).map { $0[column].count }.max() ?? 0) }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cells[column].count)
        return isText(column) ? cells[column] + space : space + cells[column]
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = titles.indices.map { column in
      String(repeating: "-", count: widths[column] - (isText(column) ? 0 : 1)) + (isText(column) ? "" : ":")
    }
    let lines = [caption, "", line(head), line(rule)] + body.map(line)
    // A star at the beginning would be a list.
    let below = notes.flatMap { ["", $0.hasPrefix("*") ? "\\" + $0 : $0] }
    return (lines + below).map { $0 + "\n" }.joined()
  }

  private func isText(_ column: Int) -> Bool {
    if case .text = titles[column] { true } else { false }
  }

  private static func markdown(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): return PlainText.line(text).map { $0 == "|" ? "\\|" : "\($0)" }.joined()
    case .number(let number, let deviation, let range, let mark, let standing):
      let shown =
        switch standing {
        case .best: "**\(number)**"
        case .second: "<ins>\(number)</ins>"
        case nil: number
        }
      // A star alone is a star; between others it would be emphasis.
      let stars = mark.map { $0 == "*" ? "\\*" : "\($0)" }.joined()
      return shown + stars + (deviation.map { " ± \($0)" } ?? "") + (range.map { " (\($0))" } ?? "")
    }
  }
}
