// Whether other ranks and threads would be faster on the same cores.

import Scaling

extension Diagnosis {
  /// The layout of this launch against the one that the model of a step (`StepModel`) says is best.
  var layoutFinding: Finding {
    guard let layouts else {
      return Finding("layout", "not judged", .note, "more ranks than a standard batch has shards, or too little memory")
    }
    let (own, best) = (layouts.own, layouts.best)
    func text(_ layout: RankLayout) -> String { "\(layout.ranks) x \(layout.threads)" }
    let value = Finding.Value.text(
      "\(text(own.layout)), predicted \(FigureOutput.text(own.imagesPerSecond)) images/s of width 64, batch \(own.batch)"
    )
    // What the model is off by is no reason to start anew.
    guard own.seconds > 1.15 * best.seconds else { return Finding("layout", value) }
    let reason = LayoutChoice.reason(best, against: own).map {
      ": \($0.cause) \(FigureOutput.seconds($0.best)) a step instead of \(FigureOutput.seconds($0.other))"
    }
    return Finding(
      "layout", value, .warning,
      "\(counted(best.layout.ranks, "rank")) of \(counted(best.layout.threads, "thread")) would make "
        + "\(FigureOutput.text(best.imagesPerSecond)) images/s\(reason ?? ""); start launch/run -np \(best.layout.ranks), or that "
        + "many tasks with \(best.layout.threads) cores each")
  }
}
