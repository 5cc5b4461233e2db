// What the sets of weights of a run are called.

/// The weights that results are of.
package enum Weights {
  /// In the order of tables; others follow.
  private static let order = ["raw", "ema", "fawa"]

  /// Names in the order of tables.
  package static func sorted(_ names: some Sequence<String>) -> [String] {
    func rank(_ name: String) -> Int { order.firstIndex(of: name) ?? order.count }
    return names.sorted { (rank($0), $0) < (rank($1), $1) }
  }

  /// How people read a name; an average that took in nothing is said to be the raw weights.
  ///
  /// - Parameter accepted: the epochs that each average took in.
  package static func title(_ name: String, accepted: [String: Int]? = nil) -> String {
    let title = name == "raw" ? "raw" : name.uppercased()
    guard name != "raw", accepted?[name] == 0 else { return title }
    return "\(title) (accepted no epoch: the raw weights)"
  }
}
