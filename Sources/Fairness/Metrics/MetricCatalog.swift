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
}
