// Every metric, by the name under which reports show it. A new metric is a file beside this one and a line here.

/// The metrics a report can name.
package enum MetricCatalog {
  /// In the order of reports.
  package static let all: KeyValuePairs<String, any Metric> = [
    "accuracy": Accuracy(),
    "worst-class-accuracy": WorstClassAccuracy(),
    "class-accuracy-spread": ClassAccuracySpread(),
    "cfp-entropy": CFPEntropy(),
  ]

  /// The metric of that name; nil if there is none.
  package static func metric(named name: String) -> (any Metric)? { all.first { $0.key == name }?.value }
}
