// Reads `recipe.resolved.yaml` as keys and texts, whatever version of the program wrote it.

import Failures
import Options
import Recipes
import Yams

/// The values of a run's recipe by the path of their keys, such as `training.batch-size`.
package struct RecipeValues: Equatable, Sendable {
  package let values: [String: String]
  /// The comment lines at the top.
  package let heading: [String]

  /// Why the text could not be read, with the line; nil for one that could, and for an empty one.
  package let fault: String?

  /// Reads YAML; a text that is none has no values.
  ///
  /// - Parameter file: what `fault` calls the text.
  package init(_ yaml: String, file: String = "recipe.resolved.yaml") {
    heading = yaml.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") }
      .map { String($0.dropFirst($0.hasPrefix("# ") ? 2 : 1)) }
    var values: [String: String] = [:]
    func read(_ node: Node, _ path: String) {
      switch node {
      case .mapping(let mapping):
        for (key, value) in mapping {
          guard let name = key.scalar?.string else { continue }
          read(value, path.isEmpty ? name : "\(path).\(name)")
        }
      case .sequence(let items): values[path] = "[\(items.compactMap { $0.scalar?.string }.joined(separator: ", "))]"
      case .scalar(let scalar): values[path] = scalar.string
      default: break
      }
    }
    do throws(Failure) {
      if let root = try RecipeYAML.node(of: yaml, file: file) { read(root, "") }
      fault = nil
    } catch {
      fault = error.message
    }
    self.values = values
  }

  /// The values of a recipe that is known otherwise.
  init(values: [String: String]) {
    self.values = values
    heading = []
    fault = nil
  }

  package subscript(_ path: String) -> String? { values[path] }

  /// What decides the result, by key: all values but the seed and those that do not change it. Keys that a recipe does not
  /// have, of an older program perhaps, have the defaults of its parts; numbers are written one way.
  package var deciding: [String: String] {
    // A section without keys stands there as if it were one.
    var deciding = values.filter { !Self.ignored.contains($0.key) && !Self.sections.contains($0.key) }
    let parts = Recipe(partsOf: values)
    for field in parts.fields where deciding[field.path] == nil && !Self.ignored.contains(field.path) {
      deciding[field.path] = field.text(parts)
    }
    return deciding.mapValues(Self.canonical)
  }

  private static let ignored = Set(["training.seed"] + Recipe.fields.filter { $0.effect == .course }.map(\.path))
  private static let sections = Set(
    Recipe.fields.flatMap { field in
      field.sections.indices.map { field.sections[...$0].joined(separator: ".") }
    })

  /// `8/255` and its decimal are one number, as are `4/8` and `0.5`; lists item by item.
  private static func canonical(_ text: String) -> String {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return number(text) }
    let items = text.dropFirst().dropLast().split(separator: ",").map { item in
      String(item.filter { !$0.isWhitespace })
    }
    return "[\(items.map(number).joined(separator: ", "))]"
  }

  private static func number(_ text: String) -> String {
    Real(text).map { Real($0.value).description } ?? text
  }
}
