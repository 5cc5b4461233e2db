// What the runs of one recipe say about one set of weights at one time.

import Fairness

/// Means and deviations over the seeds of a recipe.
package struct ComparisonRow: Equatable, Sendable {
  /// The method and the keys that tell this recipe from the others; of a single one, its name.
  package let recipe: String
  package let method: String
  package let model: String
  package let moment: RunMoment
  package let split: ResultSplit
  /// raw, ema or fawa.
  package let weights: String
  /// Of the runs that have results, in ascending order.
  package let seeds: [String]
  /// Whether some of these runs' averages accepted no epoch, so that these are results of the raw weights.
  package let hasUnaccepted: Bool
  /// Runs that are not counted, whose digests differ from that of the counted run of the same recipe and seed.
  package let contradicted: Int
  /// In [0, 1]; without what no run knows.
  package let spreads: [AccuracyFigure: Spread]
}
