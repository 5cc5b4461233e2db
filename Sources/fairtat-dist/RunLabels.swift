// What `report --label` calls runs: RUN=TEXT names a run, a text alone names the runs in their order.

import Failures
import Platform

/// The labels of runs, by their places in the command line.
struct RunLabels {
  private let labels: [Int: String]

  /// - Throws: `Failure(.usage)` for more labels than runs, an empty one, or a run that gets two.
  init(_ texts: [String], runs: [String]) throws(Failure) {
    func place(_ path: some StringProtocol) -> String { FileSystem.realPath(String(path)) ?? String(path) }
    let places = runs.map(place)
    var labels: [Int: String] = [:]
    var next = 0
    for text in texts {
      var (index, label) = (next, text)
      if let equals = text.firstIndex(of: "="), let named = places.firstIndex(of: place(text[..<equals])) {
        (index, label) = (named, String(text[text.index(after: equals)...]))
      } else {
        next += 1
      }
      if label.isEmpty { throw Failure(.usage, "--label \(text): an empty label names nothing") }
      guard index < runs.count else {
        throw Failure(.usage, "--label \(text): more labels than runs (\(runs.count)); RUN=TEXT names one of them")
      }
      if let before = labels[index] {
        throw Failure(.usage, "--label \(text): \(runs[index]) is called '\(before)' already")
      }
      labels[index] = label
    }
    self.labels = labels
  }

  subscript(index: Int) -> String? { labels[index] }
}
