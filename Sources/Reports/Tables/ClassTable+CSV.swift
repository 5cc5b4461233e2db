// The class table as lines of `classes.csv`, which a run appends to after every evaluation.

extension ClassTable {
  /// What the accuracies of a table were measured on.
  package enum Split: String, Sendable {
    case train, validation, test
  }

  /// The header line of `classes.csv`.
  package static var csvHeader: String {
    CSV.line([
      "epoch", "step", "class", "name", "split", "weights", "count", "clean", "robust", "cfp", "prior", "margin255",
      "targets", "worst",
    ])
  }

  /// One line per class. Numbers are the shortest that read back as the same bits; unknown ones are empty.
  ///
  /// - Parameter weights: whose results these are: `raw`, `ema` or `fawa`.
  package func csv(epoch: Int, step: Int, split: Split, weights: String) -> String {
    rows.map { row in
      CSV.line([
        "\(epoch)", "\(step)", "\(row.index)", row.name, split.rawValue, weights, "\(row.count)",
        CSV.text(row.clean), CSV.text(row.robust), CSV.text(row.cfp), CSV.text(row.prior), CSV.text(row.margin255),
        CSV.text(row.targets),
        row.isWorst ? "1" : "0",
      ])
    }.joined()
  }
}
