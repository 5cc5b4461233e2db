// `report.html`: what a run did, as one page. A section a file.

import Foundation

/// The page about one run.
package struct RunPage: Sendable {
  let run: RunRecord

  package init(_ run: RunRecord) { self.run = run }

  /// The file's text; the same for the same files of the run.
  package var html: String {
    Page(
      "\(run.name), seed \(run.seed)",
      body: heading + summary + learning + classes + time + recipe + circumstances
    ).html
  }

  private var heading: Markup {
    var facts: [(String, String)] = [
      ("method", run.method), ("model", run.model), ("data", run.recipe["data.name"] ?? Figures.absent),
      ("seed", run.seed),
    ]
    if let environment = run.environment {
      if let ranks = environment.ranks {
        let threads = environment.threads.map { " of \($0) thread\($0 == 1 ? "" : "s")" } ?? ""
        facts.append(("ranks", "\(ranks)\(threads)"))
      }
      if let started = environment.started.map(Self.date) { facts.append(("started", started)) }
    }
    if let updated = run.updated { facts.append(("log ends", Self.date(updated))) }
    let items: [Markup] = facts.map { "<li><span>\($0.0)</span> <b>\($0.1)</b></li>\n" }
    let sentence: Markup = run.recipe.heading.isEmpty ? "" : "<p class=\"muted\">\(run.recipe.heading[0])</p>\n"
    return """
      <header>
      <h1>\(run.name)</h1>
      \(sentence)<ul class="facts">
      \(items)</ul>
      \(progress)</header>

      """
  }

  /// What keeps the numbers below from being those of a finished run.
  private var progress: Markup {
    var notes: [String] = []
    let done = run.log.epochs.last.map { $0.epoch + 1 } ?? 0
    if run.isFinished == false, let epochs = run.epochs {
      notes.append("Not finished: \(done) of \(epochs) epochs are over.")
    }
    let unreadable = run.log.unreadable
    if unreadable > 0 {
      notes.append(
        unreadable == 1
          ? "A line of metrics.jsonl could not be read." : "\(unreadable) lines of metrics.jsonl could not be read.")
    }
    if let damage = run.damage { notes.append("Damaged: \(damage).") }
    return notes.isEmpty ? "" : "<p class=\"note\">\(notes.joined(separator: " "))</p>\n"
  }

  private static func date(_ iso: String) -> String {
    ISO8601DateFormatter().date(from: iso).map(date) ?? iso
  }

  private static func date(_ date: Date) -> String {
    let text = ISO8601DateFormatter().string(from: date)
    return text.prefix(16).replacingOccurrences(of: "T", with: " ") + " UTC"
  }
}
