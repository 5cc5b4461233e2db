// What stands out in a column of the paper's tables: the best and the second number as they are written, over all lines but those of
// plain training, which does not compete. Numbers that are written alike share their place; a line alone has no rival, and
// where all are written alike nobody leads.

import Recipes

/// The best and the second number of a column.
struct Leaders: Sendable {
  private let written: [String]

  /// - Parameter lines: each with its numbers, in [0, 1].
  init(_ lines: [(part: PaperTable.Part, values: [Double])]) {
    let rivals = lines.filter { $0.part != .plain && !$0.values.isEmpty }
    var written: [String] = []
    if rivals.count > 1 {
      for value in rivals.flatMap(\.values).sorted(by: >) where !written.contains(Figures.percent(value)) {
        written.append(Figures.percent(value))
      }
    }
    self.written = written.count > 1 ? Array(written.prefix(2)) : []
  }

  /// The standing of a number of a line, as it is written.
  func standing(of number: String, in part: PaperTable.Part) -> Table.Standing? {
    guard part != .plain, let place = written.firstIndex(of: number) else { return nil }
    return place == 0 ? .best : .second
  }
}
