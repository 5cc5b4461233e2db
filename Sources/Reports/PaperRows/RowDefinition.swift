// What a row of the paper's tables was when a result was made: all keys that decide it. A result says it, so that whoever reads it
// notices where the row has become another one meanwhile.

import Recipes

/// The keys that decide a row, with their values.
package struct RowDefinition: Equatable, Sendable {
  private let values: [String: String]

  /// Where data lies is no part of a row; that it is the same is seen by digests. Nor where first weights lie.
  private static let places: Set = ["data.path", "model.start-from"]

  /// That of a recipe.
  package init(_ recipe: RecipeValues) { values = recipe.deciding.filter { !Self.places.contains($0.key) } }

  /// That of a row today; nil where there is none of that name.
  package init?(ofRow recipe: String) {
    guard let document = PaperTable.recipes.first(where: { $0.name == recipe }) else { return nil }
    self.init(RecipeValues(document.yaml()))
  }

  /// What `lines` made; keys that it does not have, of an older program perhaps, have the defaults of its parts.
  package init(lines: [String]) {
    let pairs = lines.map { line in
      let end = line.firstIndex(of: " ") ?? line.endIndex
      return (String(line[..<end]), String(line[end...].dropFirst()))
    }
    self.init(RecipeValues(values: Dictionary(pairs, uniquingKeysWith: { first, _ in first })))
  }

  /// A key and its value each, such as `training.epochs 200`, in order.
  package var lines: [String] { values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } }

  /// The keys that have another value in `other`, in order, with both values.
  func differences(from other: RowDefinition) -> [(key: String, own: String, other: String)] {
    Set(values.keys).union(other.values.keys).sorted().compactMap { key in
      let (own, foreign) = (values[key], other.values[key])
      return own == foreign ? nil : (key, own ?? Figures.absent, foreign ?? Figures.absent)
    }
  }

  /// What there is to say of results by the definitions that they state: a warning for each that was made by another one than
  /// today's, one line for all that state none.
  ///
  /// - Parameter results: each with the place that it comes from, the row's recipe, and what `lines` made.
  static func remarks(on results: [(place: String, recipe: String, lines: [String]?)]) -> [Remark] {
    var remarks: [Remark] = []
    for (place, recipe, lines) in results {
      guard let lines, let today = RowDefinition(ofRow: recipe) else { continue }
      let differences = RowDefinition(lines: lines).differences(from: today)
      if differences.isEmpty { continue }
      let text = differences.map { "\($0.key) \($0.own), today \($0.other)" }.joined(separator: "; ")
      remarks.append(
        Remark(
          "WARNING: \(place) was made when \(recipe) was another row (\(text)): move it away and run the row anew",
          isWarning: true))
    }
    let unknown = results.filter { $0.lines == nil }
    if let first = unknown.first {
      let others = unknown.count > 1 ? " and \(unknown.count - 1) more do" : " does"
      remarks.append(
        Remark("\(first.place)\(others) not say what the row was that made it, as older programs did not"))
    }
    return remarks
  }
}
