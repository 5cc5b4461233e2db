// A recipe as complete, commented YAML: what `recipe.resolved.yaml` and the files of `launch/recipes` hold.

extension Recipe {
  /// All its keys with their values and help, under a heading of comment lines; reads back as the same recipe.
  package func yaml(heading: [String]) -> String {
    var lines = heading.map { $0.isEmpty ? "#" : "# \($0)" }
    var open: [Substring] = []
    for field in fields {
      let sections = field.sections
      for depth in sections.indices where !open.starts(with: sections[...depth]) {
        if depth == 0 { lines.append("") }
        let section = "\(indent(depth))\(sections[depth]):"
        lines.append(commented(section, Recipe.sectionHelp[sections[...depth].joined(separator: ".")] ?? ""))
        open = Array(sections[...depth])
      }
      open = sections
      lines.append(commented("\(indent(sections.count))\(field.key): \(field.text(self))", field.help))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

  /// A line with its comment, in a column of its own as far as the value leaves room.
  private func commented(_ line: String, _ help: String) -> String {
    line + String(repeating: " ", count: max(2, 36 - line.count)) + "# \(help)"
  }
}
