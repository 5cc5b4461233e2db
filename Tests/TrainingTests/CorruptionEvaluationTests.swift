import Evaluation
import Fairness
import Testing

/// The accuracies of a clean pass over corrupted images, by hand.
@Suite struct CorruptionEvaluationTests {
  /// Two classes of ten examples each, of which so many are correct.
  private func matrix(_ first: Int64, _ second: Int64) -> ConfusionMatrix {
    ConfusionMatrix(classCount: 2, flat: [first, 10 - first, 10 - second, second])
  }

  @Test func severitiesArePooled() {
    let row = CorruptionEvaluation.Row("fog", [(1, matrix(10, 6)), (5, matrix(4, 2))])
    #expect(row.count == 40 && row.accuracy == 22.0 / 40 && row.worst == 8.0 / 20)
    #expect(row.classCount == [20, 20] && row.classCorrect == [14, 8])
    #expect(row.classAccuracy == [14.0 / 20, 8.0 / 20])
    #expect(row.severities.map(\.accuracy) == [16.0 / 20, 6.0 / 20])
    #expect(row.severities.map(\.classCorrect) == [[10, 6], [4, 2]])
    #expect(row.severities.map(\.classCount) == [[10, 10], [10, 10]])
  }

  @Test func meansAreOfThePapersCorruptions() {
    let fog = CorruptionEvaluation.Row("fog", [(1, matrix(10, 6))])
    let snow = CorruptionEvaluation.Row("snow", [(1, matrix(2, 4))])
    let glass = CorruptionEvaluation.Row("glass_blur", [(1, matrix(0, 0))])
    let result = CorruptionEvaluation([fog, snow, glass])
    #expect(result.meanOf == 2 && result.meanAccuracy == (0.8 + 0.3) / 2 && result.meanWorst == (0.6 + 0.2) / 2)
    #expect(CorruptionEvaluation([glass]).meanAccuracy == nil)
  }
}
