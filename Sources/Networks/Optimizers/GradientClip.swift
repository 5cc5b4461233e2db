// Clipping of the gradient by its global norm, as torch.nn.utils.clip_grad_norm_ has it:
//
//   n = √Σ g²  over all parameters,   g ← g · min(1, c / (n + 10⁻⁶)).
//
// Every rank has the same summed gradient, and the squares are added in Double in pieces of a fixed size: the same bits on
// any number of ranks and threads. Gaps between the slots are zero.

import Kernels
import Parallelism

/// A largest norm of gradients, and the memory to hold them against it.
package final class GradientClip {
  /// c.
  private let largest: Double
  private let layout: ParameterLayout
  /// Σ g² of each piece.
  private var squares: [Double]
  private static let piece = 1 << 16

  /// - Parameter largest: the norm that no gradient exceeds after `apply`, above 0.
  package init(_ layout: ParameterLayout, largest: Double) {
    self.largest = largest
    self.layout = layout
    squares = [Double](repeating: 0, count: (layout.count + Self.piece - 1) / Self.piece)
  }

  /// Shortens a gradient that is too long; one whose norm is no number stays as it is, for the loss to tell.
  ///
  /// - Returns: the norm before.
  @discardableResult
  package func apply(_ gradient: ParameterBuffer, _ pool: ThreadPool) -> Double {
    precondition(gradient.layout.count == layout.count, "parameters of several networks")
    let (values, count, piece) = (gradient.values.pointer, layout.count, Self.piece)
    squares.withUnsafeMutableBufferPointer { squares in
      let sums = squares.baseAddress!
      pool.forEach(squares.count) { i, _ in
        sums[i] = Elementwise.sumOfSquares(values + i * piece, count: min(piece, count - i * piece))
      }
    }
    var sum = 0.0
    for square in squares { sum += square }
    let norm = sum.squareRoot()
    let factor = largest / (norm + 1e-6)
    if norm.isFinite && factor < 1 {
      pool.forEach(squares.count) { i, _ in
        Elementwise.scale(values + i * piece, by: Float(factor), count: min(piece, count - i * piece))
      }
    }
    return norm
  }
}
