// Several images of each example in one pass: a method's clean and attacked ones.
//
// One pass over all views, instead of a pass for each, keeps the leaves of every sum what they are: a shard's part of the
// gradient is the sum over its examples in all views, on any number of ranks. BatchNorm alone tells views apart: each is a
// batch of its own, with its own statistics.

/// How many images of each example a pass holds, and whose statistics move the running ones.
package struct Views: Equatable, Sendable {
  /// Images of each example; at least one.
  package let count: Int
  /// The views whose batch statistics move the running ones, in this order; a view may do so twice, which costs nothing,
  /// where the sources make a second forward pass of the same images.
  package let moves: [Int]

  package init(count: Int, moves: [Int]) {
    precondition(count > 0 && moves.allSatisfy { 0..<count ~= $0 }, "views \(moves) of \(count)")
    self.count = count
    self.moves = moves
  }

  /// One image of each example.
  package static let single = Views(count: 1, moves: [0])
}
