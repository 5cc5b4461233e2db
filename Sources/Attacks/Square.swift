// Square attack: random search by squares of one colour, which asks for nothing but logits.
//
//   x* = Π( x + ε·s ),   s = ±1 for each column and channel
//   each query: a square of side √(p·h·w) at a random place, ±2ε for each channel there; x' = Π( x* + that )
//   x* ← x' where the margin z_y − max_{j≠y} z_j falls, or is not above 0
//
// in the L∞ ball; for L2 see SquareWindows.swift. p = 0.8 falls by halves as the queries go on. Andriushchenko, Croce, Flammarion, Hein, "Square attack", ECCV 2020
// (arXiv:1912.00049), with the table of p for 10,000 queries as AutoAttack takes it. Unlike there, every example draws squares of its
// own: what happens to it is then the same in any company.

import Classification
import Kernels
import Tensors

/// The Square attack in the ball of either norm.
package struct Square: Attack {
  package var queries: Int
  /// The part of an image that the first squares cover.
  private static let firstPart = 0.8

  package init(queries: Int = 5000) { self.queries = queries }

  package func passes(classes: Int) -> AttackPasses { AttackPasses(forward: queries + 1) }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws { try search(problem, asking: model, workspace) }

  /// The search itself, to which the model is a black box.
  package func search(_ problem: AttackProblem, asking model: some Classifier, _ workspace: AttackWorkspace) throws {
    let proposals = workspace.memory(1, like: problem.original)
    var remaining = Remaining(problem)
    var margins = [Float](repeating: .infinity, count: problem.original.shape.n)
    var windows: SquareWindows?
    for query in 0...queries {
      workspace.stepBegins(query)
      if problem.threat.norm == .l2 {
        let side = Self.windowSide(query: query, like: problem.original.shape)
        if windows?.side != side { windows = SquareWindows(side: side) }
      }
      // The proposals lie side by side from the start.
      workspace.pool.forEach(remaining.count) { [remaining, windows] place, _ in
        propose(query, remaining.places[place], problem, windows, proposals.image(place))
      }
      let logits = try model.logits(of: proposals.prefix(remaining.count))
      remaining.drop { place, n in
        let z = logits.image(place)
        let label = problem.goals[n].label
        let margin = z[label] - z[AttackLoss.strongest(z, classes: logits.shape.c, but: label)]
        guard margin < margins[n] || margin <= 0 else { return false }
        margins[n] = margin
        problem.adversarial.image(n).update(from: proposals.image(place), count: problem.pixels)
        return margin <= 0
      }
      if remaining.isEmpty { return }
    }
    for n in remaining.places { problem.restore(n) }
  }

  /// The side of a query's square, at least one pixel.
  ///
  /// - Parameter query: from 1.
  package static func side(query: Int, height: Int, width: Int) -> Int {
    let side = (part(query: query) * Double(height * width)).squareRoot().rounded(.toNearestOrEven)
    return min(max(1, Int(side)), height, width)
  }

  /// The side of the windows of a query in the L2 ball; of query 0, that of the tiles.
  package static func windowSide(query: Int, like shape: Shape) -> Int {
    query == 0
      ? SquareWindows.tile(height: shape.h, width: shape.w)
      : SquareWindows.side(covering: part(query: query), height: shape.h, width: shape.w)
  }

  /// The part of an image that a query's square covers.
  private static func part(query: Int) -> Double {
    let ends = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]
    return firstPart / Double(1 << (ends.firstIndex { query - 1 <= $0 } ?? ends.count))
  }

  /// What is asked for an example next.
  private func propose(
    _ query: Int, _ n: Int, _ problem: AttackProblem, _ windows: SquareWindows?, _ image: UnsafeMutablePointer<Float>
  ) {
    if query > 0 { image.update(from: problem.adversarial.image(n), count: problem.pixels) }
    switch (windows, query) {
    case (let windows?, 0): windows.grid(n, problem, image)
    case (let windows?, _): windows.propose(n, problem, problem.random.stream(n, step: query), image)
    case (nil, 0): stripes(n, problem, image)
    case (nil, _): change(query, n, problem, image)
    }
  }

  /// Columns of ±ε.
  private func stripes(_ n: Int, _ problem: AttackProblem, _ image: UnsafeMutablePointer<Float>) {
    let shape = problem.original.shape
    let (x, epsilon) = (problem.original.image(n), problem.threat.epsilon[n])
    let row = shape.w * shape.c
    problem.random.stream(n).forEachWord(row) { j, word in
      let change = word >> 31 == 0 ? epsilon : -epsilon
      for y in 0..<shape.h { image[y * row + j] = min(max(x[y * row + j] + change, 0), 1) }
    }
  }

  /// The best point so far, in `image`, with one square changed.
  private func change(_ query: Int, _ n: Int, _ problem: AttackProblem, _ image: UnsafeMutablePointer<Float>) {
    let shape = problem.original.shape
    let (x, epsilon) = (problem.original.image(n), problem.threat.epsilon[n])
    let words = problem.random.stream(n, step: query).words(block: 0)
    let side = Self.side(query: query, height: shape.h, width: shape.w)
    // As its authors draw it, the last place is never taken.
    let top = Int(RandomStream.uniform(words[0]) * Float(shape.h - side))
    let left = Int(RandomStream.uniform(words[1]) * Float(shape.w - side))
    for y in top..<top + side {
      for column in left..<left + side {
        for c in 0..<shape.c {
          let i = (y * shape.w + column) * shape.c + c
          let change = words[2] >> UInt32(c) & 1 == 0 ? 2 * epsilon : -2 * epsilon
          image[i] += change
        }
      }
      let row = (y * shape.w + left) * shape.c
      Elementwise.clip(image + row, around: x + row, epsilon: epsilon, count: side * shape.c)
    }
  }
}
