// A part of a run that a recipe chooses by name.

/// One line of a catalog: a name, what it stands for, what it can be told, and what it makes of that.
package struct Part<Facts, Made>: Sendable {
  package let name: String
  /// One line for the user.
  package let summary: String
  /// Its own keys, in the order of a printed recipe.
  package let options: [PartOption]
  /// What it sets of the keys that all have: the values of its paper, unless the user gives others.
  package let settings: [(path: String, value: String)]
  /// The part, from its options' values and what it must know of the rest of the recipe.
  package let make: @Sendable (PartValues, Facts) -> Made

  package init(
    _ name: String, _ summary: String, options: [PartOption] = [], settings: [(path: String, value: String)] = [],
    make: @escaping @Sendable (PartValues, Facts) -> Made
  ) {
    self.name = name
    self.summary = summary
    self.options = options
    self.settings = settings
    self.make = make
  }
}

/// All parts of one kind.
package struct Catalog<Facts, Made>: Sendable {
  /// What one of them is called in messages, such as `method`.
  package let kind: String
  package let parts: [Part<Facts, Made>]

  package init(_ kind: String, _ parts: [Part<Facts, Made>]) {
    precondition(Set(parts.map(\.name)).count == parts.count, "two parts of one name")
    self.kind = kind
    self.parts = parts
  }

  package var names: [String] { parts.map(\.name) }
  package subscript(name: String) -> Part<Facts, Made>? { parts.first { $0.name == name } }

  /// Every option of any part once, in the order of the parts, with the names of those that have it.
  package var options: [(option: PartOption, owners: [String])] {
    var all: [(option: PartOption, owners: [String])] = []
    for part in parts {
      for option in part.options {
        if let known = all.firstIndex(where: { $0.option.path == option.path }) {
          all[known].owners.append(part.name)
        } else {
          all.append((option, [part.name]))
        }
      }
    }
    return all
  }
}

/// Which part a recipe chooses, and what it tells it.
package struct Choice: Codable, Equatable, Sendable {
  package var name: String
  /// Values of options by whole key; others have the chosen part's.
  package var given: [String: String] = [:]

  package init(_ name: String, given: [String: String] = [:]) {
    self.name = name
    self.given = given
  }

  /// Gives an option a value; what the chosen part has anyhow is not kept, so that equal choices are equal.
  package mutating func give<Facts, Made>(_ value: String, to path: String, in catalog: Catalog<Facts, Made>) {
    let option = catalog[name]?.options.first { $0.path == path }
    given[path] = option?.isEqual(value, option?.value) == true ? nil : value
  }

  /// The values of all options of the chosen part.
  package func values<Facts, Made>(in catalog: Catalog<Facts, Made>) -> PartValues {
    let own = catalog[name]?.options ?? []
    return PartValues(Dictionary(uniqueKeysWithValues: own.map { ($0.path, given[$0.path] ?? $0.value) }))
  }

  /// The value of an option as YAML; nil where the chosen part has none of this key.
  package func text<Facts, Made>(_ path: String, in catalog: Catalog<Facts, Made>) -> String? {
    guard let own = catalog[name]?.options.first(where: { $0.path == path }) else { return nil }
    return given[path] ?? own.value
  }
}
