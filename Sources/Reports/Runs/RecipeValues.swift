// Reads `recipe.resolved.yaml` as keys and texts, whatever version of the program wrote it.

import Recipes
import Yams

/// The values of a run's recipe by the path of their keys, such as `training.batch-size`.
package struct RecipeValues: Equatable, Sendable {
  package let values: [String: String]
  /// The comment lines at the top.
  package let heading: [String]

  /// Reads YAML; a text that is none has no values.
  package init(_ yaml: String) {
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
    if let root = try? Yams.compose(yaml: yaml) { read(root, "") }
    self.values = values
  }

  package subscript(_ path: String) -> String? { values[path] }

  /// What makes two runs repetitions of each other: all values but the seed and those that do not change the result.
  package var withoutSeed: [String: String] {
    let ignored = Set(["training.seed"] + Recipe.fields.filter { $0.effect == .course }.map(\.path))
    return values.filter { !ignored.contains($0.key) }
  }
}
