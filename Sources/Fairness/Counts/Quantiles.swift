// Quantiles by linear interpolation between the sorted values (type 7 of Hyndman and Fan, 1996).

/// Quantiles of a few values.
package enum Quantiles {
  /// The value below which the fraction `p` in [0, 1] lies; not a number without values.
  package static func value(_ p: Double, ofSorted values: [Double]) -> Double {
    guard let last = values.last else { return .nan }
    let place = p * Double(values.count - 1)
    let index = Int(place)
    guard index + 1 < values.count else { return last }
    return values[index] + (place - Double(index)) * (values[index + 1] - values[index])
  }
}
