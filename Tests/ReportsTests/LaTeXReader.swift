// Reads LaTeX as strictly as our tables are written: what it takes, the compiler takes.

import Foundation

/// A document of tables that was read without an error.
struct LaTeXReader {
  /// The rows of every tabular: what stands in the cells.
  private(set) var tables: [[[String]]] = []
  /// What is wrong, first.
  private(set) var fault: String?

  /// Commands with their numbers of arguments; environments are read apart.
  private static let commands = [
    "centering": 0, "small": 0, "scriptsize": 0, "toprule": 0, "midrule": 0, "bottomrule": 0, "textwidth": 0,
    "caption": 1,
    "resizebox": 2, "textbf": 1, "underline": 1, "textbackslash": 0, "textasciitilde": 0, "textasciicircum": 0,
    "textless": 0, "textgreater": 0, "textbar": 0, "ldots": 0, "pm": 0, "times": 0, "infty": 0, "varepsilon": 0,
  ]
  private static let ofMathematics: Set = ["pm", "times", "infty", "varepsilon"]

  private let text: [Character]
  private var place = 0
  /// Open braces and environments, `{` for a brace.
  private var open: [String] = []
  private var isMathematics = false
  private var columns = 0
  private var row: [String] = []

  init(_ text: String) {
    self.text = Array(text)
    while place < self.text.count, fault == nil { step() }
    if fault == nil, let left = open.last { fault = "\(left) is not closed" }
    if fault == nil, isMathematics { fault = "$ is not closed" }
  }

  private var isInTabular: Bool { open.contains("tabular") }

  private mutating func refuse(_ what: String) {
    let line = text[..<min(place, text.count)].count { $0 == "\n" } + 1
    if fault == nil { fault = "line \(line): \(what)" }
  }

  private mutating func step() {
    let character = text[place]
    place += 1
    switch character {
    case "\\": command()
    case "%":
      // A comment: to the end of the line.
      while place < text.count, text[place] != "\n" { place += 1 }
    case "{":
      open.append("{")
      add("{")
    case "}":
      if open.popLast() != "{" { refuse("} closes nothing") }
      add("}")
    case "$": isMathematics.toggle()
    case "&":
      guard isInTabular, open.last == "tabular" else { return refuse("& outside of a row") }
      row.append("")
    case "#", "~": refuse("\(character) is no text")
    case "_", "^": if !isMathematics { refuse("\(character) outside of mathematics") }
    case "<", ">", "|", "\"": if !isMathematics { refuse("\(character) is another letter in the usual fonts") }
    case "\n": if text.indices.contains(place), text[place] == "\n", isInTabular { refuse("a paragraph in a table") }
    default:
      // What inputenc knows without more packages.
      let isKnown = character.isASCII || character.unicodeScalars.allSatisfy { 0xC0...0x17F ~= $0.value }
      if !isKnown { refuse("\(character) needs a package") }
      add(character)
    }
  }

  private mutating func add(_ character: Character) {
    guard isInTabular else { return }
    if row.isEmpty { row = [""] }
    row[row.count - 1].append(character)
  }

  private mutating func argument() -> String {
    guard place < text.count, text[place] == "{", let end = text[place...].firstIndex(of: "}") else {
      refuse("an argument is missing")
      return ""
    }
    defer { place = end + 1 }
    return String(text[place + 1..<end])
  }

  private mutating func command() {
    guard place < text.count else { return refuse("\\ at the end") }
    guard text[place].isLetter else {
      let symbol = text[place]
      place += 1
      if symbol == "\\" { return endRow() }
      if !"&%$#_{}".contains(symbol) { refuse("no command \\\(symbol)") }
      return add(symbol)
    }
    let start = place
    while place < text.count, text[place].isLetter { place += 1 }
    let name = String(text[start..<place])
    switch name {
    case "begin":
      let environment = argument()
      open.append(environment)
      switch environment {
      case "tabular":
        columns = argument().count
        tables.append([])
      case "table*": break
      default: refuse("no environment \(environment)")
      }
    case "end":
      let environment = argument()
      if environment == "tabular", !row.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { refuse("a row has no end") }
      if open.popLast() != environment { refuse("\(environment) ends within something else") }
      row = []
    default:
      guard let arguments = Self.commands[name] else { return refuse("no command \\\(name)") }
      if Self.ofMathematics.contains(name) && !isMathematics { refuse("\\\(name) outside of mathematics") }
      if arguments > 0 && (place >= text.count || text[place] != "{") { refuse("\\\(name) has no argument") }
      // A letter after a command without arguments would be part of its name, a blank be swallowed.
      let isInText = name.hasPrefix("text") && name != "textwidth" || name == "ldots"
      if arguments == 0 && isInText && !text[place...].starts(with: "{}") { refuse("\\\(name) swallows a blank") }
      if name.hasSuffix("rule") { row = [] }
    }
  }

  private mutating func endRow() {
    guard open.last == "tabular" else { return refuse("\\\\ outside of a row") }
    if row.count != columns { refuse("a row of \(row.count) cells in a table of \(columns) columns") }
    tables[tables.count - 1].append(row.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
    row = []
    // What follows must not look like an option of the end of a row.
    let next = text[place...].first { !$0.isWhitespace }
    if next == "[" || next == "*" { refuse("\(next ?? " ") follows the end of a row") }
  }
}
