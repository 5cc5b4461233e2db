// JSON as people read it: one key a line, but what belongs together on one.
//
// A list of numbers or words takes one line; so does each entry of a list whose own values are no more than such lists. All else has
// its parts on lines of their own, two blanks further in. Keys and values are as they were.

/// Breaks JSON into lines.
package struct JSONLayout {
  /// A value by the bytes it takes.
  private indirect enum Node {
    /// A number, a text or a word; also a list or an object of nothing.
    case leaf(Range<Int>)
    case list([Node])
    case object([(key: Range<Int>, value: Node)])

    /// How deep it goes: 0 of a leaf.
    var depth: Int {
      switch self {
      case .leaf: 0
      case .list(let items): 1 + (items.map(\.depth).max() ?? 0)
      case .object(let members): 1 + (members.map(\.value.depth).max() ?? 0)
      }
    }
  }

  private let json: [UInt8]
  private var place = 0
  private var text: [UInt8] = []

  /// - Parameter json: one value without blanks between its parts, as encoders write it that are not asked for any.
  package static func lines(_ json: some Sequence<UInt8>) -> [UInt8] {
    var layout = JSONLayout(json: Array(json))
    layout.write(layout.read(), indent: 0, isEntry: false)
    return layout.text
  }

  private init(json: [UInt8]) { self.json = json }

  // MARK: - Reading

  private func isNext(_ character: Character) -> Bool { place < json.count && json[place] == character.asciiValue }

  private mutating func advance(_ count: Int = 1) { place = min(place + count, json.count) }

  private mutating func read() -> Node {
    let start = place
    let isObject = isNext("{")
    guard isObject || isNext("[") else {
      skipLeaf()
      return .leaf(start..<place)
    }
    advance()
    var items: [Node] = []
    var members: [(key: Range<Int>, value: Node)] = []
    while place < json.count, !isNext("]"), !isNext("}") {
      if isNext(",") { advance() }
      guard isObject else {
        items.append(read())
        continue
      }
      let key = place
      skipLeaf()
      let end = place
      // The colon.
      advance()
      members.append((key..<end, read()))
    }
    advance()
    if items.isEmpty && members.isEmpty { return .leaf(start..<place) }
    return isObject ? .object(members) : .list(items)
  }

  /// Passes over a text, a number or a word.
  private mutating func skipLeaf() {
    guard isNext("\"") else {
      repeat { advance() } while place < json.count && !",:]}".utf8.contains(json[place])
      return
    }
    advance()
    while place < json.count, !isNext("\"") { advance(isNext("\\") ? 2 : 1) }
    advance()
  }

  // MARK: - Writing

  /// - Parameter isEntry: whether it is one of a list.
  private mutating func write(_ node: Node, indent: Int, isEntry: Bool) {
    switch node {
    case .leaf(let range): text += json[range]
    case .list(let items):
      write(items, "[", "]", indent, isLine: node.depth == 1) { layout, item, indent in
        layout.write(item, indent: indent, isEntry: true)
      }
    case .object(let members):
      write(members, "{", "}", indent, isLine: isEntry && node.depth <= 2) { layout, member, indent in
        layout.text += layout.json[member.key]
        layout.text += " : ".utf8
        layout.write(member.value, indent: indent, isEntry: false)
      }
    }
  }

  private mutating func write<Part>(
    _ parts: [Part], _ open: String, _ close: String, _ indent: Int, isLine: Bool,
    _ write: (inout JSONLayout, Part, Int) -> Void
  ) {
    func breakLine(_ indent: Int) -> [UInt8] { [UInt8(ascii: "\n")] + [UInt8](repeating: 0x20, count: indent) }
    text += open.utf8
    for (number, part) in parts.enumerated() {
      if number > 0 { text += (isLine ? ", " : ",").utf8 }
      if !isLine { text += breakLine(indent + 2) }
      write(&self, part, indent + 2)
    }
    if !isLine { text += breakLine(indent) }
    text += close.utf8
  }
}
