// The class table as cells for people: percent with two decimals, columns without any value left out.

import Foundation

extension ClassTable {
  /// Column heads and rows of cells, for a writer that aligns them.
  package var text: (columns: [String], rows: [[String]]) {
    let columns: [(head: String, cell: (ClassRow) -> String)] = [
      ("class", { "\($0.index)" }),
      ("name", { $0.name }),
      ("N", { "\($0.count)" }),
      ("clean %", { percent($0.clean) }),
      ("robust %", { percent($0.robust) }),
      ("CFP score", { decimal($0.cfp, 4) }),
      ("prior", { decimal($0.prior, 4) }),
      ("margin/255", { decimal($0.margin255.map(Double.init), 3) }),
      ("targets", { $0.targets.map { "\($0)" } ?? "" }),
      ("", { $0.isWorst ? "worst" : "" }),
    ]
    let shown = columns.filter { column in rows.contains { !column.cell($0).isEmpty } }
    return (shown.map(\.head), rows.map { row in shown.map { $0.cell(row) } })
  }

  private func percent(_ value: Double?) -> String { decimal(value.map { 100 * $0 }, 2) }

  private func decimal(_ value: Double?, _ places: Int) -> String {
    value.map { String(format: "%.\(places)f", $0) } ?? ""
  }
}
