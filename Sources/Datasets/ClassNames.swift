// Classes in a line for the user: the first few by name, and no more of a thousand.

/// Texts that name classes.
package enum ClassNames {
  /// "cat, deer, dog, frog, horse, ...".
  package static func first(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
  }

  /// "1 of 4 classes has", "3 of 10 classes have".
  package static func have(_ count: Int, of classes: Int) -> String {
    "\(count) of \(classes) classes \(count == 1 ? "has" : "have")"
  }
}
