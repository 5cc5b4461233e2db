import Fairness
import Testing

/// What an analysis makes of verdicts, worked out by hand.
@Suite struct AnalysisTests {
  /// Two classes; each example is right or wrong after the attack.
  private static func verdicts(_ right: [Bool]) -> Verdicts {
    var verdicts = Verdicts(labels: [Int](repeating: 0, count: right.count), classCount: 2, attacks: ["pgd"])
    for (example, isRight) in right.enumerated() {
      verdicts.record(clean: 0, of: example)
      verdicts.record(isRight ? 0 : 1, after: 0, of: example)
    }
    return verdicts
  }

  /// Ten images that the larger ball leaves right and the smaller does not are more than three deviations of a coin (3 √10 = 9.5); nine
  /// are not.
  @Test(arguments: [(9, false), (10, true)])
  func robustAccuracyThatGrows(won: Int, warns: Bool) {
    let less = Self.verdicts((0..<40).map { $0 >= won })
    let more = Self.verdicts([Bool](repeating: true, count: 40))
    let warning = EvaluationWarning.robustGrows([("1/255", less), ("2/255", more)])
    #expect((warning?.kind == .robustGrows) == warns)
    if let warning { #expect(warning.text.contains("2/255 leaves 40") && warning.text.contains("1/255 leaves 30")) }
    #expect(EvaluationWarning.robustGrows([("1/255", more), ("2/255", less)]) == nil)
    #expect(EvaluationWarning.robustGrows([("1/255", less)]) == nil && EvaluationWarning.robustGrows([]) == nil)
  }

  /// Growth in small steps counts from the lowest point on.
  @Test func growthByAndBy() {
    let points = [40, 8, 14, 20].map { right in Self.verdicts((0..<40).map { $0 < right }) }
    let warning = EvaluationWarning.robustGrows(zip(["0/255", "1/255", "2/255", "4/255"], points).map { ($0, $1) })
    #expect(warning?.text.contains("4/255 leaves 20 images right where 1/255 leaves 8") == true)
  }

  @Test func sharesOfTargets() {
    let success = TargetedSuccess(targets: [0, 2], examples: [4, 2, 0], reached: [[0, 1], [2, 1], [0, 0]])
    #expect(success.share(0, 0) == nil && success.share(0, 1) == 0.25 && success.share(1, 0) == 1)
    // A class without images has no share; of target 0 the others are two images, both of which arrive.
    #expect(success.share(2, 0) == nil && success.share(ofTarget: 0) == 1 && success.share(ofTarget: 1) == 2.0 / 6)
  }

  /// Few classes are all aimed at; of 21 the ten with the most false positives, of equals the first.
  @Test func targetsAreTheMostMistaken() {
    #expect(TargetedSuccess.targets(ConfusionMatrix(classCount: 20)) == Array(0..<20))
    var matrix = ConfusionMatrix(classCount: 21)
    for k in [20, 20, 20, 13, 13, 7] { matrix.record(label: 0, prediction: k) }
    #expect(TargetedSuccess.targets(matrix) == [0, 1, 2, 3, 4, 5, 6, 7, 13, 20])
  }

  @Test func confusedPairs() {
    var verdicts = Verdicts(labels: [0, 0, 0, 1, 1, 2], classCount: 3, attacks: ["pgd"])
    // Images 0 to 2 are taken for class 1, the first of them as it is already; 3 and 4 for class 2; 5 is right.
    for (example, clean) in [1, 0, 0, 1, 0, 2].enumerated() { verdicts.record(clean: clean, of: example) }
    for (example, attacked) in [1, 1, 1, 2, 2, 2].enumerated() {
      verdicts.record(attacked, after: 0, of: example)
    }
    let pairs = ConfusedPair.most(verdicts, each: 2)
    #expect(
      pairs == [
        ConfusedPair(label: 0, prediction: 1, count: 3, examples: [1, 2]),
        ConfusedPair(label: 1, prediction: 2, count: 2, examples: [3, 4]),
      ])
    #expect(ConfusedPair.most(verdicts, count: 1, each: 3)[0].examples == [1, 2, 0])
    #expect(ConfusedPair.most(Self.verdicts([true])).isEmpty)
  }
}
