// How many images of a class are held out for validation: n = fraction x N_k, rounded down, and at least one of every class
// with two or more, so that no class is judged by nothing.
//
// Each class is apportioned by itself: its share does not depend on what other classes there are, and classes of whole
// shares (2 % of CIFAR-10: 100 of 5,000 each) have what the references hold out. A remainder is rounded up only where it is
// all that a class has.

/// The number of a class's images that are held out. A run keeps the rule that it began with.
package enum HoldOutRule: String, Codable, Sendable {
  /// Rounded down, to none in a class smaller than 1 / fraction: runs begun by version 0.1.0.
  case roundedDown = "rounded-down"
  /// The same, but at least one of a class with two or more; one image at least stays for training.
  case atLeastOne = "at-least-one"

  /// Of a class with `count` training images.
  ///
  /// - Parameter fraction: in [0, 1); 0 holds out nothing.
  func images(of count: Int, fraction: Double) -> Int {
    // 0.29 x 100 is 28.999... in binary; whoever writes 0.29 means 29.
    let whole = Int(fraction * Double(count) + 1e-9)
    guard self == .atLeastOne, fraction > 0 else { return whole }
    return min(max(1, whole), max(0, count - 1))
  }
}
