// What a mistyped name may have meant: the known names at the least Damerau-Levenshtein distance (restricted form, which
// counts a swap of neighbours as one edit).

/// Finds the known names nearest to an unknown one.
package enum Suggestions {
  /// Longer texts are no mistyped names.
  private static let longest = 200

  /// Up to three names that share the least distance to `name`; none where even that is over half of its length.
  package static func nearest(to name: String, among known: [String]) -> [String] {
    guard name.utf8.count <= longest else { return [] }
    let ranked = known.map { (name: $0, distance: distance(name, $0)) }
    guard let least = ranked.map(\.distance).min(), 2 * least <= max(2, name.count) else { return [] }
    return ranked.filter { $0.distance == least }.prefix(3).map(\.name)
  }

  /// The same for keys, which may also stand in the wrong section: their last parts are compared too.
  static func nearest(toKey path: String, among known: [String]) -> [String] {
    guard path.utf8.count <= longest else { return [] }
    func last(_ path: String) -> String { String(path.split(separator: ".").last ?? "") }
    let misplaced = known.filter { last($0) == last(path) }
    if !misplaced.isEmpty { return nearestOrAll(to: path, among: misplaced) }
    let whole = nearest(to: path, among: known)
    if let first = whole.first, distance(path, first) <= 2 { return whole }
    let ends = nearest(to: last(path), among: known.map(last))
    let moved = known.filter { ends.contains(last($0)) }
    return moved.isEmpty ? whole : nearestOrAll(to: path, among: moved)
  }

  private static func nearestOrAll(to name: String, among known: [String]) -> [String] {
    let near = nearest(to: name, among: known)
    return near.isEmpty ? Array(known.prefix(3)) : near
  }

  /// Insertions, deletions, substitutions and swaps of neighbours between two strings, case ignored.
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.lowercased())
    let b = Array(b.lowercased())
    // rows[i][j]: between the first i characters of a and the first j of b.
    var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { rows[i][0] = i }
    for j in 0...b.count { rows[0][j] = j }
    for i in a.indices {
      for j in b.indices {
        var least = min(rows[i][j + 1], rows[i + 1][j]) + 1
        least = min(least, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        rows[i + 1][j + 1] = least
      }
    }
    return rows[a.count][b.count]
  }
}
