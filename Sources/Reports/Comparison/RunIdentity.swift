// What makes two runs repetitions of each other: the keys that decide the result, but for the seed, and how they changed in
// the run; the data, where it is no function of recipe and seed; and the version of the program.

/// Keys and values that repetitions with other seeds have in common.
struct RunIdentity: Equatable, Sendable {
  let values: [String: String]
  /// Without a recipe a run is like no other.
  private let isKnown: Bool

  private static let data = "data", version = "version", changes = "changed"
  /// Known of some runs only; where one does not tell, it does not differ.
  private static let circumstances = [data, version]

  init(_ run: RunRecord) {
    var values = run.recipe.deciding
    isKnown = !run.recipe.values.isEmpty
    // The built-in images follow the seed, and so does their digest.
    if run.recipe["data.path"].map({ !["none", "null", "~", ""].contains($0) }) == true {
      values[Self.data] = run.environment?.dataDigest.map { "\($0.prefix(8))" }
    }
    values[Self.changes] = run.history.changes.isEmpty ? "never" : run.history.changes.joined(separator: "; ")
    values[Self.version] = run.environment?.version
    self.values = values
  }

  /// Whether runs of the two are of one recipe.
  func matches(_ other: RunIdentity) -> Bool {
    guard isKnown && other.isKnown else { return false }
    return Set(values.keys).union(other.values.keys).allSatisfy { key in
      if let mine = values[key], let theirs = other.values[key] { return mine == theirs }
      return Self.circumstances.contains(key)
    }
  }

  /// The keys whose values are not the same in all of these, the method aside: in the order of recipes, then those that
  /// recipes do not have.
  static func differences(_ identities: [RunIdentity], order: [String]) -> [String] {
    let known = identities.filter(\.isKnown)
    let keys = Set(known.flatMap(\.values.keys)).subtracting([methodKey])
    let places = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return keys.filter { key in
      let values = known.map { $0.values[key] }
      let told = circumstances.contains(key) ? values.filter { $0 != nil } : values
      return Set(told).count > 1
    }.sorted { (places[$0] ?? order.count, $0) < (places[$1] ?? order.count, $1) }
  }

  static let methodKey = "method.name"
}
