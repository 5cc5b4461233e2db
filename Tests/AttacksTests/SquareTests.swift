import Attacks
import Classification
import Foundation
import Parallelism
import Tensors
import Testing

/// The proposals of the Square attack against their distribution: what a model is shown, whatever it answers.
@Suite struct SquareTests {
  /// Keeps what it is asked; the margin of every image stays the same, so no proposal is ever accepted.
  private final class Watcher: Classifier {
    let classCount = 2
    var shown: [[Float]] = []
    func logits(of images: Tensor) -> Tensor {
      let count = images.shape.imageCount
      shown += (0..<images.shape.n).map { Array(UnsafeBufferPointer(start: images.image($0), count: count)) }
      let logits = Tensor(Shape(n: images.shape.n, c: 2))
      for n in 0..<images.shape.n { logits.image(n)[0] = 1 }
      return logits
    }
  }

  private static let side = 8, epsilon: Float = 0.1

  /// The images shown of grey ones, example after example in every query.
  private static func shown(queries: Int, examples: [Int], in norm: Norm = .linf) throws -> [[[Float]]] {
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    let x = Tensor(Shape(n: examples.count, h: side, w: side, c: 3))
    for i in 0..<x.count { x.pointer[i] = 0.5 }
    let watcher = Watcher()
    let problem = AttackProblem(
      x, into: Tensor(x.shape), goals: examples.map { _ in .avoid(0) },
      within: ThreatModel(norm, epsilon: examples.map { _ in epsilon }),
      random: AttackRandomness(seed: 3, purpose: .evaluationAttack, examples: examples))
    try Square(queries: queries).search(
      problem, asking: watcher, AttackWorkspace(examples: examples.count, classes: 2, pool: pool))
    return (0...queries).map { query in Array(watcher.shown[query * examples.count..<(query + 1) * examples.count]) }
  }

  /// The table of 10,000 queries, for images of 32 x 32: where the side changes, on both sides of each edge.
  @Test func sidesFollowTheTable() {
    let table = [
      (0, 29), (10, 29), (11, 20), (50, 20), (51, 14), (200, 14), (201, 10), (500, 10), (501, 7), (1000, 7), (1001, 5),
      (2000, 5), (2001, 4), (4000, 4), (4001, 3), (4999, 3),
    ]
    for (iteration, side) in table { #expect(Square.side(query: iteration + 1, height: 32, width: 32) == side) }
    #expect(Square.side(query: 5000, height: 2, width: 2) == 1)
    #expect(Square.side(query: 1, height: 2, width: 9) == 2)
  }

  /// The first query: every column of every channel is up or down as a whole, each about as often.
  @Test func itBeginsWithStripes() throws {
    let examples = Array(0..<200)
    let images = try Self.shown(queries: 0, examples: examples)[0]
    var ups = 0
    for image in images {
      for j in 0..<Self.side * 3 {
        let column = (0..<Self.side).map { image[$0 * Self.side * 3 + j] }
        #expect(Set(column).count == 1 && abs(abs(column[0] - 0.5) - Self.epsilon) < 1e-6)
        ups += column[0] > 0.5 ? 1 : 0
      }
    }
    // 4800 fair coins: within five standard deviations of half.
    #expect(abs(ups - 2400) < 173)
  }

  /// The others: one square of the side that the table has, its corner uniform over all but the last place, each channel up or
  /// down as a whole and each about as often, every example another.
  @Test func thenItTriesSquares() throws {
    let examples = Array(0..<400)
    let queries = 12
    let all = try Self.shown(queries: queries, examples: examples)
    var corners: [Int: Int] = [:]
    var ups = 0
    // Query 12 has p = 0.4: of 64 pixels 25.6, a side of 5, and 3 corners each way.
    let side = Square.side(query: queries, height: Self.side, width: Self.side)
    #expect(side == 5)
    let (start, last) = (all[0], all[queries])
    for (before, image) in zip(start, last) {
      let changed = image.indices.filter { abs(image[$0] - before[$0]) > 1e-6 }
      // A column that was up already and goes up again does not move, so channels may seem narrower.
      let rows = changed.map { $0 / (Self.side * 3) }, columns = changed.map { $0 / 3 % Self.side }
      guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(), let right = columns.max() else {
        continue
      }
      #expect(bottom - top + 1 == side && right - left + 1 <= side)
      #expect(top < max(1, Self.side - side))
      corners[top, default: 0] += 1
      for c in 0..<3 {
        let values = changed.filter { $0 % 3 == c }.map { image[$0] }
        #expect(Set(values).count <= 1)
        if let value = values.first { ups += value > 0.5 ? 1 : -1 }
      }
    }
    let places = max(1, Self.side - side)
    let count = corners.values.reduce(0, +)
    #expect(count > 380 && corners.count == places)
    for (_, times) in corners {
      let expected = Double(count) / Double(places)
      #expect(abs(Double(times) - expected) < 5 * expected.squareRoot())
    }
    #expect(abs(ups) < 5 * 35)
    #expect(Set(last).count == examples.count)
  }

  // MARK: - L2

  /// η of three pixels, worked by hand: pyramids of 1 x 3 and 2 x 3, of equal norms.
  @Test func windowsAreTwoPyramids() {
    let window = SquareWindows(side: 3)
    let (upper, lower) = ((2 * (2 * 0.0625 + 1.5625)).squareRoot(), (2 * (5 * 0.0625 + 1.5625)).squareRoot())
    let expected = [
      [0.25 / upper, 1.25 / upper, 0.25 / upper], [-0.25 / lower, -0.25 / lower, -0.25 / lower],
      [-0.25 / lower, -1.25 / lower, -0.25 / lower],
    ]
    for y in 0..<3 {
      for x in 0..<3 {
        #expect(abs(Double(window.value(y, x, turned: false)) - expected[y][x]) < 1e-7)
        #expect(window.value(x, y, turned: true) == window.value(y, x, turned: false))
      }
    }
  }

  /// Of every side: norm 1, half of it in either pyramid, the same from left and from right where the side is odd.
  @Test(arguments: [1, 2, 3, 5, 6, 7, 11, 29]) func windowsHaveUnitNorm(side: Int) {
    let window = SquareWindows(side: side)
    func square(_ rows: Range<Int>) -> Double {
      rows.reduce(0) { sum, y in (0..<side).reduce(sum) { $0 + pow(Double(window.value(y, $1, turned: false)), 2) } }
    }
    #expect(abs(square(0..<side) - 1) < 1e-6)
    if side > 1 { #expect(abs(square(0..<side / 2) - 0.5) < 1e-6) }
    for y in 0..<side {
      for x in 0..<side {
        let value = window.value(y, x, turned: false)
        #expect(y < side / 2 ? value > 0 : value < 0)
        if side % 2 == 1 { #expect(value == window.value(y, side - 1 - x, turned: false)) }
      }
    }
  }

  /// The windows of images of 32 x 32: odd, 3 at least.
  @Test func windowSidesFollowTheTable() {
    let shape = Shape(n: 1, h: 32, w: 32, c: 3)
    for (query, side) in [(0, 6), (1, 29), (12, 21), (52, 15), (202, 11), (502, 7), (1002, 5), (2002, 5), (4002, 3)] {
      #expect(Square.windowSide(query: query, like: shape) == side, "\(query)")
    }
  }

  /// The first query: tiles whose channels are η, up or down, beside or above each other; as long as the radius.
  @Test func itBeginsWithTiles() throws {
    let examples = Array(0..<100)
    let images = try Self.shown(queries: 0, examples: examples, in: .l2)[0]
    // 8 x 8 tiles of one pixel each.
    let size = Double(Self.epsilon) / Double(Self.side * Self.side * 3).squareRoot()
    var ups = 0
    for image in images {
      #expect(image.allSatisfy { abs(abs(Double($0) - 0.5) - size) < 1e-6 })
      ups += image.count { $0 > 0.5 }
      #expect(abs(Self.norm(image.map { Double($0) - 0.5 }) - Double(Self.epsilon)) < 1e-6)
    }
    // 19200 fair coins: within five standard deviations of half.
    #expect(abs(ups - 9600) < 347)
  }

  /// The others: what was on the second window goes, a channel of the first gets as much norm as it had on both, the rest stays; the radius
  /// is kept.
  @Test func thenItMovesWhatOneWindowHasToAnother() throws {
    let examples = Array(0..<60), queries = 60
    let all = try Self.shown(queries: queries, examples: examples, in: .l2)
    let shape = Shape(n: 1, h: Self.side, w: Self.side, c: 3)
    var turns = 0
    for query in [1, 12, 60] {
      let window = SquareWindows(side: Square.windowSide(query: query, like: shape))
      let side = window.side
      for (n, example) in examples.enumerated() {
        let stream = RandomStream(seed: 3, purpose: .evaluationAttack, example: example, step: query)
        func corner(_ i: Int) -> Int { Int(stream.uniform(at: i) * Float(Self.side - side)) }
        func isIn(_ top: Int, _ left: Int, _ p: Int) -> Bool {
          (top..<top + side).contains(p / Self.side) && (left..<left + side).contains(p % Self.side)
        }
        let signs = stream.words(block: 1)[0]
        let before = all[0][n].map { Double($0) - 0.5 }, after = all[query][n].map { Double($0) - 0.5 }
        #expect(abs(Self.norm(after) - Double(Self.epsilon)) < 1e-6)
        for c in 0..<3 {
          var (both, changed) = (0.0, 0.0)
          for p in 0..<Self.side * Self.side {
            let (old, new) = (before[p * 3 + c], after[p * 3 + c])
            if isIn(corner(0), corner(1), p) {
              both += old * old
              changed += new * new
            } else if isIn(corner(2), corner(3), p) {
              both += old * old
              #expect(abs(new) < 1e-7)
            } else {
              #expect(abs(new - old) < 1e-6)
            }
          }
          #expect(abs(changed.squareRoot() - both.squareRoot()) < 1e-6)
          // Its direction is that of ±η and of what was there, each of norm 1.
          let places = (0..<Self.side * Self.side).filter { isIn(corner(0), corner(1), $0) }
          let own = Self.norm(places.map { before[$0 * 3 + c] })
          let sum = places.map { p in
            let value = window.value(p / Self.side - corner(0), p % Self.side - corner(1), turned: signs >> 31 == 1)
            return (signs >> UInt32(c) & 1 == 0 ? 1 : -1) * Double(value) + before[p * 3 + c] / own
          }
          for (p, direction) in zip(places, sum) {
            let wanted = direction / Self.norm(sum)
            #expect(abs(after[p * 3 + c] / changed.squareRoot() - wanted) < 1e-5)
          }
        }
        turns += signs >> 31 == 1 ? 1 : 0
      }
    }
    #expect(abs(turns - 90) < 34)
  }

  private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
