// What happens to a weight average at the end of an epoch.

/// What to do with an average of weights.
package enum AverageStep: String, Codable, Sendable {
  /// Leave it as it is.
  case skip
  /// Replace it by the current weights: the first time.
  case copy
  /// average <- decay·average + (1 - decay)·weights.
  case blend
}
