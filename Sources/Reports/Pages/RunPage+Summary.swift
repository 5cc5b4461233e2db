// The accuracies that a reader looks for first: of the last epoch, and of the one that validation found best.

import Fairness

extension RunPage {
  /// How "worst class" is meant.
  private var worstNote: String {
    let count = run.worstClasses.count
    return count > 1 ? " Worst class: the mean of the worst tenth of the classes, which are \(count)." : ""
  }

  var summary: Markup {
    guard let last = run.epoch(.last) else { return Page.section("Accuracy", "<p>No epoch is over yet.</p>\n") }
    return Page.section("Accuracy", tiles(last) + table(last))
  }

  /// The figures of the last epoch's raw weights, of the test set if they are known.
  private func tiles(_ last: EpochEntry) -> Markup {
    guard let split = ResultSplit.allCases.first(where: { last.results($0)["raw"] != nil }),
      let raw = last.results(split)["raw"]
    else { return "<p>The last epoch was not evaluated.</p>\n" }
    let tiles: [Markup] = AccuracyFigure.allCases.map { figure in
      let others = last.results(split).filter { $0.key != "raw" && last.accepted?[$0.key] != 0 }
      var notes: [Markup] = Weights.sorted(others.keys).map { weights in
        "<small>\(Weights.title(weights)): \(Figures.percent(others[weights]?[figure])) %</small>"
      }
      if let best = run.epoch(.best), best.epoch != last.epoch, let result = best.results(split)["raw"] {
        notes.append(
          "<small>raw, best epoch (\(best.epoch + 1)): \(Figures.percent(result[figure])) %</small>")
      }
      return """
        <div class="tile"><small>\(figure.title) accuracy</small>\
        <b>\(Figures.percent(raw[figure])) %</b>\(notes)</div>

        """
    }
    let heading = "Large: last epoch (\(last.epoch + 1)), \(split.rawValue), raw weights.\(worstNote)"
    return "<p class=\"muted\">\(heading)</p>\n<div class=\"tiles\">\n\(tiles)</div>\n"
  }

  /// Every result of the two epochs, each labelled with what it is of.
  private func table(_ last: EpochEntry) -> Markup {
    var table = HTMLTable(
      [.text("epoch"), .text("split"), .text("weights")] + AccuracyFigure.allCases.map { .number($0.title + " %") })
    let best = run.epoch(.best)
    var moments = [(last, best?.epoch == last.epoch ? "\(RunMoment.last.title), also the best" : RunMoment.last.title)]
    if let best, best.epoch != last.epoch { moments.append((best, RunMoment.best.title)) }
    for (epoch, title) in moments {
      for split in ResultSplit.allCases {
        let results = epoch.results(split)
        for weights in Weights.sorted(results.keys) {
          table.add(
            [
              .text("\(epoch.epoch + 1): \(title)"), .text(split.rawValue),
              .text(Weights.title(weights, accepted: epoch.accepted)),
            ] + AccuracyFigure.allCases.map { .number(Figures.percent(results[weights]?[$0])) })
        }
      }
    }
    let note: Markup = """
      <p class="muted">Best: the highest sum of robust and worst-class robust accuracy of the raw weights on the \
      validation split. Epochs count from 1 here, from 0 in metrics.jsonl.</p>

      """
    return table.markup + note
  }
}
