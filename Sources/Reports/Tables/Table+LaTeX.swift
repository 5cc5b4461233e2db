// A table as LaTeX, for the packages booktabs and graphicx.

import Platform

extension Table {
  /// A `table*` as wide as the text, with the rules of booktabs. The best is bold, the second underlined; sections have a
  /// rule between them.
  package var latex: String {
    let columns = titles.map { title in
      if case .text = title { "l" } else { "r" }
    }
    func line(_ cells: [Cell]) -> String { cells.map(Self.latex).joined(separator: " & ") + " \\\\" }
    let body = sections.filter { !$0.isEmpty }.map { $0.map { line($0) + "\n" }.joined() }
    return """
      % \\usepackage{booktabs,graphicx}
      \\begin{table*}
      \\centering\\small
      \\caption{\(([caption] + notes).map(Self.escaped).joined(separator: " "))}
      \\resizebox{\\textwidth}{!}{%
      \\begin{tabular}{\(columns.joined())}
      \\toprule
      \(line(titles))
      \\midrule
      \(body.joined(separator: "\\midrule\n"))\\bottomrule
      \\end{tabular}}
      \\end{table*}

      """
  }

  private static func latex(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): return escaped(text)
    case .number(let number, let deviation, let range, let mark, let standing):
      let text = escaped(number)
      let shown =
        switch standing {
        case .best: "\\textbf{\(text)}"
        case .second: "\\underline{\(text)}"
        case nil: text
        }
      let spread =
        deviation.map { " {\\scriptsize$\\pm$ \(escaped($0))}" } ?? range.map { " {\\scriptsize(\(escaped($0)))}" }
      return shown + (mark.isEmpty ? "" : "$^{\(mark)}$") + (spread ?? "")
    }
  }

  private static let escapes: [Character: String] = [
    "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}",
    "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}", ">": "\\textgreater{}",
    "|": "\\textbar{}", "\"": "''", "–": "--", "…": "\\ldots{}", "±": "$\\pm$", "×": "$\\times$", "∞": "$\\infty$",
    "ε": "$\\varepsilon$",
    // After the end of a row these would be its options.
    "[": "{[}", "*": "{*}",
  ]

  private static func escaped(_ text: String) -> String {
    PlainText.line(text).map { escapes[$0] ?? "\($0)" }.joined()
  }
}
