import Datasets
import Testing

@Suite struct EpochOrderTests {
  @Test(arguments: [0, 1, 2, 7, 1000]) func isAPermutation(count: Int) {
    for epoch in 0..<3 {
      let order = EpochOrder(count: count, seed: 3, epoch: epoch)
      #expect(order.positions.sorted() == Array(0..<count))
      #expect(order == EpochOrder(count: count, seed: 3, epoch: epoch))
    }
  }

  @Test func differs() {
    let order = EpochOrder(count: 100, seed: 3, epoch: 0)
    #expect(order != EpochOrder(count: 100, seed: 3, epoch: 1))
    #expect(order != EpochOrder(count: 100, seed: 4, epoch: 0))
  }

  /// All 24 orders of four, 200 of each expected: 23 degrees of freedom, deviation 6.8; 5 deviations.
  @Test func everyOrderIsEquallyLikely() {
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<4800 { counts[EpochOrder(count: 4, seed: 11, epoch: epoch).positions, default: 0] += 1 }
    #expect(counts.count == 24)
    let chiSquared = counts.values.reduce(0.0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
    #expect(abs(chiSquared - 23) < 34)
  }
}

@Suite struct BatchPlanTests {
  @Test func lastBatchIsSmaller() {
    let plan = BatchPlan(count: 10_000, batchSize: 128)
    #expect(plan.steps == 79)
    #expect(plan.positions(ofStep: 0) == 0..<128)
    #expect(plan.positions(ofStep: 78) == 9984..<10_000)
  }

  @Test(arguments: [(0, 4), (1, 4), (4, 4), (5, 4), (12, 4), (3, 1)]) func coversOnce(count: Int, batchSize: Int) {
    let plan = BatchPlan(count: count, batchSize: batchSize)
    let visited = (0..<plan.steps).flatMap { Array(plan.positions(ofStep: $0)) }
    #expect(visited == Array(0..<count))
    #expect((0..<plan.steps).allSatisfy { !plan.positions(ofStep: $0).isEmpty })
  }
}

@Suite struct ValidationSplitTests {
  /// Classes of 5, 3 and 1: with 0.4 the first 2, 1 and 0 of them.
  @Test func firstOfEachClass() {
    let labels: [Int32] = [0, 1, 0, 2, 0, 1, 0, 1, 0]
    let split = ValidationSplit(labels: labels, classes: 4, fraction: 0.4)
    #expect(split.validation == [0, 1, 2])
    #expect(split.train == [3, 4, 5, 6, 7, 8])
  }

  @Test(arguments: [
    (10, 5000, 0.02, 100), (100, 500, 0.02, 10), (100, 500, 0.05, 25), (10, 5000, 0.06, 300), (2, 100, 0.29, 29),
  ])
  func countsOfTheReferences(classes: Int, each: Int, fraction: Double, expected: Int) {
    let labels = (0..<classes * each).map { Int32($0 * 7 % classes) }
    let split = ValidationSplit(labels: labels, classes: classes, fraction: fraction)
    var counts = [Int](repeating: 0, count: classes)
    for i in split.validation { counts[Int(labels[i])] += 1 }
    #expect(counts == [Int](repeating: expected, count: classes))
    #expect((split.train + split.validation).sorted() == Array(labels.indices))
    #expect(split.train == split.train.sorted() && split.validation == split.validation.sorted())
  }

  @Test func nothing() {
    let split = ValidationSplit(labels: [0, 1, 1], classes: 2, fraction: 0)
    #expect(split.train == [0, 1, 2] && split.validation == [])
  }
}
