// Counts and matrices against numbers worked out by hand.

import Fairness
import Tensors
import Testing

/// Seven examples of three classes: N = 2 2 3, TP = 1 2 1, FP = 1 2 0.
let labels = [0, 0, 1, 1, 2, 2, 2]
let predictions = [0, 1, 1, 1, 0, 2, 1]

/// The counts of pairs of labels and predictions.
func classCounts(_ labels: [Int], _ predictions: [Int], classCount: Int) -> ClassCounts {
  var counts = ClassCounts(classCount: classCount)
  for (label, prediction) in zip(labels, predictions) { counts.record(label: label, prediction: prediction) }
  return counts
}

/// Counts with given rows.
func classCounts(examples: [Int64], correct: [Int64], falsePositives: [Int64]) -> ClassCounts {
  let targets = [Int64](repeating: 0, count: examples.count)
  return ClassCounts(classCount: examples.count, flat: examples + correct + falsePositives + targets)
}

/// A matrix whose class k has `correct[k]` of `examples[k]` right; every error goes to the next class.
func confusion(correct: [Int], examples: [Int]) -> ConfusionMatrix {
  let classCount = examples.count
  var flat = [Int64](repeating: 0, count: classCount * classCount)
  for k in 0..<classCount {
    flat[k * classCount + k] = Int64(correct[k])
    flat[k * classCount + (k + 1) % classCount] = Int64(examples[k] - correct[k])
  }
  return ConfusionMatrix(classCount: classCount, flat: flat)
}

@Suite struct CountsTests {
  @Test func countsByHand() {
    var counts = classCounts(labels, predictions, classCount: 3)
    #expect(counts.examples == [2, 2, 3])
    #expect(counts.correct == [1, 2, 1])
    #expect(counts.falsePositives == [1, 2, 0])
    #expect(counts.targets == [0, 0, 0])
    #expect(counts.accuracy == 4.0 / 7)
    #expect(counts.classAccuracy == [0.5, 1, 1.0 / 3])
    #expect(counts.falsePositiveScores == [1.0 / 3, 2.0 / 3, 0])
    counts.record(target: 2)
    #expect(counts.flat == [2, 2, 3, 1, 2, 1, 1, 2, 0, 0, 0, 1])
    counts.reset()
    #expect(counts == ClassCounts(classCount: 3))
  }

  @Test func matrixByHand() {
    var matrix = ConfusionMatrix(classCount: 3)
    for (label, prediction) in zip(labels, predictions) { matrix.record(label: label, prediction: prediction) }
    #expect(matrix.rows == [[1, 1, 0], [0, 2, 0], [1, 1, 1]])
    #expect(matrix[2, 0] == 1 && matrix[0, 2] == 0)
    #expect(matrix.examples == [2, 2, 3] && matrix.correct == [1, 2, 1] && matrix.falsePositives == [1, 2, 0])
    #expect(matrix.accuracy == 4.0 / 7)
    #expect(matrix.worst == 1.0 / 3)
    #expect(matrix.falsePositiveScores == [1.0 / 3, 2.0 / 3, 0])
  }

  @Test func classAccuracyCountsItsOwnExamples() {
    // K·TP / N, as the reference code has it, would say 4·1/16 for both small classes.
    let matrix = confusion(correct: [7, 1, 1, 3], examples: [10, 1, 2, 3])
    #expect(matrix.classAccuracy == [0.7, 1, 0.5, 1])
  }

  @Test func absentClassesTakeNoPart() {
    let matrix = confusion(correct: [3, 0, 1], examples: [4, 0, 2])
    #expect(matrix.classAccuracy == [0.75, nil, 0.5])
    #expect(matrix.worst == 0.5)
    let empty = ConfusionMatrix(classCount: 3)
    #expect(empty.accuracy == nil && empty.worst == nil)
    #expect(empty.falsePositiveScores == nil)
    #expect(ClassCounts(classCount: 3).classAccuracy == [nil, nil, nil])
  }

  @Test(arguments: 0..<8) func invariantsUnderAddition(seed: Int) {
    let stream = RandomStream(seed: UInt64(seed), purpose: .test)
    let classCount = 2 + stream.integer(below: 9, at: 0)
    var whole = ClassCounts(classCount: classCount)
    var matrix = ConfusionMatrix(classCount: classCount)
    var parts = (0..<4).map { _ in (ClassCounts(classCount: classCount), ConfusionMatrix(classCount: classCount)) }
    for i in 0..<500 {
      let label = stream.integer(below: classCount, at: 3 * i + 1)
      let prediction = stream.integer(below: classCount, at: 3 * i + 2)
      let part = stream.integer(below: 4, at: 3 * i + 3)
      whole.record(label: label, prediction: prediction)
      matrix.record(label: label, prediction: prediction)
      parts[part].0.record(label: label, prediction: prediction)
      parts[part].1.record(label: label, prediction: prediction)
    }
    var sum = ClassCounts(classCount: classCount)
    var matrixSum = ConfusionMatrix(classCount: classCount)
    for part in parts.reversed() {
      sum.add(part.0)
      matrixSum.add(part.1)
    }
    #expect(sum == whole && matrixSum == matrix)
    #expect(sum.total == 500)
    #expect(sum.falsePositives.reduce(0, +) == 500 - sum.totalCorrect)
    #expect(matrix.examples == sum.examples && matrix.correct == sum.correct)
    #expect(matrix.falsePositives == sum.falsePositives)
  }

  @Test func lentMemoryIsTheFlatView() {
    var counts = classCounts(labels, predictions, classCount: 3)
    let flat = counts.flat
    counts.withUnsafeMutableBuffer { buffer in
      for i in buffer.indices { buffer[i] *= 2 }
    }
    #expect(counts.flat == flat.map { 2 * $0 })
    #expect(ClassCounts(classCount: 3, flat: counts.flat) == counts)
    var matrix = confusion(correct: [1, 2], examples: [3, 3])
    matrix.withUnsafeMutableBuffer { $0[1] = 7 }
    #expect(matrix[0, 1] == 7)
  }
}
