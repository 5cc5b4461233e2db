import Attacks
import Classification
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
  private static func shown(queries: Int, examples: [Int]) throws -> [[[Float]]] {
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    let x = Tensor(Shape(n: examples.count, h: side, w: side, c: 3))
    for i in 0..<x.count { x.pointer[i] = 0.5 }
    let watcher = Watcher()
    let problem = AttackProblem(
      x, into: Tensor(x.shape), goals: examples.map { _ in .avoid(0) },
      within: ThreatModel(epsilon: examples.map { _ in epsilon }),
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
}
