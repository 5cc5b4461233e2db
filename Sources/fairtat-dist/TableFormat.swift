// How `report` writes tables.

import ArgumentParser
import Reports

/// A language for tables.
enum TableFormat: String, CaseIterable, ExpressibleByArgument {
  case markdown, csv, latex, html

  /// Tables as one text.
  ///
  /// - Parameters:
  ///   - csv: the same as comma-separated values, with a head.
  ///   - title: of the page.
  func text(_ tables: [Table], csv: @autoclosure () -> String, title: String) -> String {
    switch self {
    case .markdown: tables.map(\.markdown).joined(separator: "\n")
    case .csv: csv()
    case .latex: tables.map(\.latex).joined(separator: "\n")
    case .html: Table.page(title, tables)
    }
  }
}
