// The proposals of the Square attack in the L2 ball, δ = x' − x:
//
//   first      a grid of tiles, a fifth of the image wide, each with ±η for each channel; stretched to ‖δ‖ = ε
//   a query    two windows W, V of side s at random places; on W each channel of δ becomes
//
//                  ν·√( max(ε² − ‖δ‖², 0)/C + ‖δ on W ∪ V‖² ),   ν the direction of ±η + δ/‖δ‖ on W
//
//              (the norms with W and V those of the channel), on the rest of V it becomes 0; then all is stretched to ‖δ‖ = ε
//
// and x' = clip_[0,1]( x + δ ), which the range may shorten again: what is missing goes to the window of a later query.
//
// η of side s has unit norm: two pyramids of opposite signs, one above or beside the other, of s/2 and s − s/2 rows (rounded down);
// a pyramid is Σ_k 1/(k + 1)² over the rectangles that reach k pixels from its middle.
//
// Andriushchenko et al. (Square.swift); where the paper leaves a choice, as in AutoAttack's square.py. There tiles lie so for images
// whose height is 0 to 4 above a multiple of 5 tiles; here as many lie in the middle of the image as there is room for, which of 32 x 32 pixels is
// the same. Signs and whether pyramids stand above each other are drawn for each example.

import Kernels
import Tensors

/// η of one side.
package struct SquareWindows: Sendable {
  package let side: Int
  /// Row by row, one pyramid above the other.
  private let values: [Float]

  package init(side: Int) {
    self.side = side
    let upper = Self.pyramid(height: side / 2, width: side)
    let lower = Self.pyramid(height: side - side / 2, width: side)
    values = Self.ofUnitNorm(upper + lower.map { -$0 }).map(Float.init)
  }

  /// η at a pixel, the pyramids beside each other where `turned`.
  package func value(_ y: Int, _ x: Int, turned: Bool) -> Float {
    values[turned ? x * side + y : y * side + x]
  }

  private static func pyramid(height: Int, width: Int) -> [Double] {
    let steps = max(height / 2, width / 2) + 1
    var values: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        var value = 0.0
        for k in max(abs(y - height / 2), abs(x - width / 2))..<steps { value += 1 / Double((k + 1) * (k + 1)) }
        values.append(value)
      }
    }
    return ofUnitNorm(values)
  }

  private static func ofUnitNorm(_ values: [Double]) -> [Double] {
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm == 0 ? values : values.map { $0 / norm }
  }

  /// The side of a query's windows: odd, and at least 3, where the image has as many pixels.
  static func side(covering part: Double, height: Int, width: Int) -> Int {
    let side = max(Int((part * Double(height * width)).squareRoot().rounded(.toNearestOrEven)), 3)
    return min(side % 2 == 0 ? side + 1 : side, height, width)
  }

  /// The side of a tile of the first proposal.
  static func tile(height: Int, width: Int) -> Int { max(1, min(height, width) / 5) }

  // MARK: - Proposals

  /// The first proposal for example `n`; this is η of a tile.
  func grid(_ n: Int, _ problem: AttackProblem, _ image: UnsafeMutablePointer<Float>) {
    let shape = problem.original.shape
    let (rows, columns) = (shape.h / side, shape.w / side)
    let (top, left) = ((shape.h - rows * side) / 2, (shape.w - columns * side) / 2)
    image.update(repeating: 0, count: problem.pixels)
    problem.random.stream(n).forEachWord(rows * columns) { tile, word in
      let (row, column) = (top + tile / columns * side, left + tile % columns * side)
      for y in 0..<side {
        for x in 0..<side {
          let value = value(y, x, turned: word >> 31 == 1)
          for c in 0..<shape.c {
            image[((row + y) * shape.w + column + x) * shape.c + c] = word >> UInt32(c) & 1 == 0 ? value : -value
          }
        }
      }
    }
    stretch(image, n, problem)
  }

  /// The best point so far, in `image`, with two windows changed; this is η of a window.
  func propose(_ n: Int, _ problem: AttackProblem, _ stream: RandomStream, _ image: UnsafeMutablePointer<Float>) {
    let shape = problem.original.shape
    let (x, epsilon) = (problem.original.image(n), Double(problem.threat.epsilon[n]))
    let (corners, signs) = (stream.words(block: 0), stream.words(block: 1)[0])
    // As its authors draw it, the last place is never taken.
    func corner(_ i: Int, _ extent: Int) -> Int { Int(RandomStream.uniform(corners[i]) * Float(extent - side)) }
    let changed = (y: corner(0, shape.h), x: corner(1, shape.w)),
      emptied = (y: corner(2, shape.h), x: corner(3, shape.w))
    func isIn(_ window: (y: Int, x: Int), _ y: Int, _ x: Int) -> Bool {
      (window.y..<window.y + side).contains(y) && (window.x..<window.x + side).contains(x)
    }
    var total = 0.0
    for i in 0..<problem.pixels {
      image[i] -= x[i]
      total += Double(image[i]) * Double(image[i])
    }
    for c in 0..<shape.c {
      func index(_ y: Int, _ x: Int) -> Int { (y * shape.w + x) * shape.c + c }
      // ‖δ‖² on the window that is changed, and on both.
      var own = 0.0, both = 0.0
      forEachPixel { y, x in
        let here = Double(image[index(changed.y + y, changed.x + x)])
        own += here * here
        guard !isIn(changed, emptied.y + y, emptied.x + x) else { return }
        let there = Double(image[index(emptied.y + y, emptied.x + x)])
        both += there * there
        image[index(emptied.y + y, emptied.x + x)] = 0
      }
      both += own
      let old = 1 / (1e-12 + own.squareRoot())
      func direction(_ y: Int, _ x: Int) -> Double {
        let value = Double(value(y, x, turned: signs >> 31 == 1))
        return (signs >> UInt32(c) & 1 == 0 ? value : -value) + Double(image[index(changed.y + y, changed.x + x)]) * old
      }
      var squares = 0.0
      forEachPixel { y, x in squares += direction(y, x) * direction(y, x) }
      let length = (max(epsilon * epsilon - total, 0) / Double(shape.c) + both).squareRoot()
      let scale = length / (1e-12 + squares.squareRoot())
      forEachPixel { y, x in image[index(changed.y + y, changed.x + x)] = Float(scale * direction(y, x)) }
    }
    stretch(image, n, problem)
  }

  private func forEachPixel(_ body: (_ y: Int, _ x: Int) -> Void) {
    for y in 0..<side { for x in 0..<side { body(y, x) } }
  }

  /// From δ to x + ε·δ/‖δ‖, in the range and the ball.
  private func stretch(_ image: UnsafeMutablePointer<Float>, _ n: Int, _ problem: AttackProblem) {
    let (x, epsilon) = (problem.original.image(n), problem.threat.epsilon[n])
    EuclideanBall.place(image, around: x, radius: epsilon, count: problem.pixels)
    problem.threat.project(image, n, around: x, count: problem.pixels)
  }
}
