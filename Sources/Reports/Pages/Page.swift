// The frame of a page: one file that needs nothing else, and is well-formed XML.

/// A page of HTML.
package struct Page: Sendable {
  package let title: String
  package let body: Markup

  package init(_ title: String, body: Markup) {
    self.title = title
    self.body = body
  }

  /// The file's text.
  package var html: String {
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(title)</title>
      <style>
      \(Markup(stringLiteral: PageStyle.css))
      </style>
      </head>
      <body>
      <main>
      \(body)
      </main>
      </body>
      </html>

      """
    return page.source
  }

  /// A chart with its caption; nothing where there is no chart.
  static func figure(_ chart: LineChart?, note: String = "") -> Markup {
    chart.map { figure($0.title, note: note, $0.svg) } ?? ""
  }

  /// A drawing with its caption.
  static func figure(_ title: String, note: String, _ drawing: Markup) -> Markup {
    let small: Markup = note.isEmpty ? "" : "<small>\(note)</small>"
    return "<figure>\n<figcaption>\(title)\(small)</figcaption>\n\(drawing)\n</figure>\n"
  }

  /// A section under a heading; nothing where it has no content.
  static func section(_ title: String, _ content: Markup) -> Markup {
    content.source.isEmpty ? "" : "<section>\n<h2>\(title)</h2>\n\(content)</section>\n"
  }

  /// Charts side by side; nothing where there are none.
  static func figures(_ figures: [Markup]) -> Markup {
    let present = figures.filter { !$0.source.isEmpty }
    return present.isEmpty ? "" : "<div class=\"figures\">\n\(present)</div>\n"
  }
}
