// The worst of many relative differences, and where it was.

import Oracle
import Testing

/// Gathers comparisons: one figure to print and to hold against a bound.
struct Worst {
  private(set) var error = 0.0
  private(set) var place = "nowhere"
  private(set) var count = 0

  /// |a − b| relative to the larger of |b| and `scale`.
  mutating func compare(_ a: Double, _ b: Double, scale: Double = 0, _ place: @autoclosure () -> String) {
    let divisor = max(abs(b), scale)
    let difference = abs(a - b)
    let relative = difference == 0 ? 0 : difference / divisor
    count += 1
    // A NaN is worse than everything.
    if !(relative <= error) { (error, self.place) = (relative, place()) }
  }

  /// Sum and norm relative to the norm; samples to themselves or the root mean square, whichever is larger.
  mutating func compare(_ tensor: OracleTensor, _ golden: Fingerprint, _ data: OracleData, _ place: String) {
    #expect(tensor.shape == golden.shape, "\(place)")
    compare(tensor.sum, golden.sum, scale: golden.norm, place + " (sum)")
    compare(tensor.norm, golden.norm, place + " (norm)")
    let scale = golden.norm / Double(tensor.count).squareRoot()
    for (position, sample) in zip(data.samplePositions(count: tensor.count), golden.samples) {
      compare(tensor.values[position], sample, scale: scale, place + " at \(position)")
    }
  }

  /// All tensors of two dictionaries with the same names.
  mutating func compare(
    _ tensors: [String: OracleTensor], _ golden: [String: Fingerprint], _ data: OracleData, _ place: String
  ) {
    #expect(Set(tensors.keys) == Set(golden.keys), "\(place)")
    for (name, fingerprint) in golden {
      if let tensor = tensors[name] { compare(tensor, fingerprint, data, place + " " + name) }
    }
  }

  /// Prints the figure and expects it within the bound.
  func expect(below bound: Double, _ what: String) {
    print("\(what): worst of \(count) relative differences \(error) (\(place)), bound \(bound)")
    #expect(count > 0)
    #expect(error <= bound, "\(what): \(error) at \(place)")
  }
}
