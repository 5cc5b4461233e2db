// The worst of many errors, each measured by its own bound, and where it was.

/// Half a unit in the last place of 1: the largest relative error of one rounding to Float.
package let roundoff = 0x1p-24

/// Gathers errors: one figure to print, and to hold against 1.
package struct WorstRatio {
  package let what: String
  package private(set) var ratio = 0.0
  package private(set) var place = "nowhere"
  package private(set) var error = 0.0
  package private(set) var count = 0

  package init(_ what: String) { self.what = what }

  /// Takes one error; a bound of 0 asks for exactness.
  package mutating func add(_ error: Double, bound: Double, _ place: @autoclosure () -> String = "") {
    count += 1
    let ratio = error == 0 ? 0 : error / bound
    // What is not a number is worse than everything.
    if !(ratio <= self.ratio) { (self.ratio, self.place, self.error) = (ratio, place(), error) }
  }

  /// Takes |a − b|.
  package mutating func add(_ a: Double, _ b: Double, bound: Double, _ place: @autoclosure () -> String = "") {
    add(abs(a - b), bound: bound, place())
  }

  /// Prints the figure; whether there were errors to gather and none exceeded its bound.
  package func isWithinBounds() -> Bool {
    print("\(what): worst of \(count) is \(ratio) of its bound (error \(error)) \(place)")
    return count > 0 && ratio <= 1
  }
}
