// The names of a comparison's rows: the method, and the keys that differ between the rows with their values. Where many
// differ, as few of them as tell the rows apart.

import Recipes

/// Names rows by what tells them apart.
struct RowNames {
  /// One per row; no two are the same.
  let names: [String]
  /// The keys that differ between rows, in the order of recipes.
  let keys: [String]
  /// Those of them that the names have.
  let shown: [String]

  /// Up to so many differing keys are all in the names.
  private static let most = 3

  /// - Parameter runs: one of each row.
  init(_ runs: [RunRecord], _ identities: [RunIdentity]) {
    keys = RunIdentity.differences(identities, order: Recipe.fields.map(\.path))
    shown = keys.count <= Self.most ? keys : Self.fewest(of: keys, runs, identities)
    let shown = shown
    let plain = zip(runs, identities).map { run, identity in
      if let label = run.label { return label }
      guard runs.count > 1, let method = run.recipe[RunIdentity.methodKey] else { return run.name }
      return ([method] + shown.map { "\($0) \(Self.text(of: $0, run, identity))" }).joined(separator: ", ")
    }
    var seen: [String: Int] = [:]
    let counts = Dictionary(plain.map { ($0, 1) }, uniquingKeysWith: +)
    names = plain.map { name in
      guard counts[name, default: 1] > 1 else { return name }
      seen[name, default: 0] += 1
      return "\(name) (\(seen[name, default: 1]))"
    }
  }

  /// A value as the run's recipe writes it.
  static func text(of key: String, _ run: RunRecord, _ identity: RunIdentity) -> String {
    run.recipe[key] ?? identity.values[key] ?? Figures.absent
  }

  /// Takes the key that splits the rows most, until another one splits no further.
  private static func fewest(of keys: [String], _ runs: [RunRecord], _ identities: [RunIdentity]) -> [String] {
    var chosen: [String] = []
    func parts(_ chosen: [String]) -> Int {
      Set(
        zip(runs, identities).map { run, identity in
          [run.recipe[RunIdentity.methodKey] ?? ""] + chosen.map { identity.values[$0] ?? "" }
        }
      ).count
    }
    while true {
      let counts = keys.map { parts(chosen + [$0]) }
      guard let best = counts.max(), best > parts(chosen), let index = counts.firstIndex(of: best) else { break }
      chosen.append(keys[index])
    }
    return keys.filter(chosen.contains)
  }
}
