// A table as part of a page: the best bold, the second underlined.

extension Table {
  /// A section under the caption, notes below.
  package var markup: Markup {
    func cells(_ row: [Cell], _ tag: String) -> Markup { "\(row.map { Self.markup($0, tag) })" }
    let body: [Markup] = sections.filter { !$0.isEmpty }.map { section in
      let rows: [Markup] = section.map { "<tr>\(cells($0, "td"))</tr>\n" }
      return "<tbody>\n\(rows)</tbody>\n"
    }
    let below: [Markup] = notes.map { "<p class=\"muted\">\($0)</p>\n" }
    return """
      <section>
      <p>\(caption)</p>
      <div class="wide"><table>
      <thead><tr>\(cells(titles, "th"))</tr></thead>
      \(body)</table></div>
      \(below)</section>

      """
  }

  /// A page of tables.
  package static func page(_ title: String, _ tables: [Table]) -> String {
    Page(title, body: "<header><h1>\(title)</h1></header>\n\(tables.map(\.markup))").html
  }

  private static func markup(_ cell: Cell, _ tag: String) -> Markup {
    // The name of an element is no text.
    let tag = Markup(stringLiteral: tag)
    switch cell {
    case .text(let text): return "<\(tag) class=\"text\">\(text)</\(tag)>"
    case .number(let number, let deviation, let range, let mark, let standing):
      let shown: Markup =
        switch standing {
        case .best: "<b>\(number)</b>"
        case .second: "<u>\(number)</u>"
        case nil: "\(number)"
        }
      let spread = deviation.map { " ± \($0)" } ?? range.map { " (\($0))" } ?? ""
      return "<\(tag)>\(shown)\(mark)\(spread)</\(tag)>"
    }
  }
}
