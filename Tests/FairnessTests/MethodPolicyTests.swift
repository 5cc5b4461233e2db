import Fairness
import Foundation
import Testing

/// The policies of FRL, DAFA and TRIX on counts made by hand, with the numbers worked out here.
@Suite struct MethodPolicyTests {
  private static let setting = ClassSetting(targeted: false, epsilon: 0.1, steps: 10, stepSize: 0.02)

  /// Three classes of 10, 20 and 10 images; so many of each right.
  private static func validation(clean: [Int], robust: [Int]) -> AttackEvaluation {
    func matrix(_ right: [Int]) -> ConfusionMatrix {
      var matrix = ConfusionMatrix(classCount: 3)
      for (k, count) in [10, 20, 10].enumerated() {
        for n in 0..<count { matrix.record(label: k, prediction: n < right[k] ? k : (k + 1) % 3) }
      }
      return matrix
    }
    return AttackEvaluation(attack: "PGD-20", clean: matrix(clean), robust: matrix(robust))
  }

  private func near(_ a: [Float], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs(Double($0) - $1) < 1e-6 } }

  /// Accuracies 0.5, 0.9, 0.7 of 0.75; attacked 0.2, 0.6, 0.4 of 0.45: every e1 is 0.3 or 0.3.
  @Test func fairRobustLearning() {
    let policy = FairRobustLearning(bound: 0.1, rate: 0.05, marginRate: 0.2, limit: 0.5, epsilon: 0.1)
    #expect(policy.needsValidation(before: 0) && policy.needsValidation(before: 7))
    var state = FairnessState(classCount: 3, setting: Self.setting)
    state.begin([policy], validation: Self.validation(clean: [5, 18, 7], robust: [1, 12, 5]))
    // e0 = .5, .1, .3 of .25;  g0 = .15, -.25, -.05;  l0 = .0075, 0, 0
    // e1 = .4, .3, .2 of .3 (.75 - .45);  g1 = 0, -.1, -.2;  l1 = 0;  l2 = .2·g1 = 0, -.02, -.04
    let l0 = 0.05 * 0.15
    let first: [Double] = [(1 + 2 * l0) / 3, (1 - l0) / 3, (1 - l0) / 3]
    #expect(near(state.settings.rows.map(\.lossWeight), first))
    #expect(near(state.settings.rows.map(\.beta), [0.333_333_333, 0.333_333_333, 0.333_333_333]))
    #expect(near(state.settings.margins, [0.1, 0.098, 0.098]))
    // Again with the same: l0 grows, l2 too; exp(-.08) is cut at .98 already.
    state.begin([policy], validation: Self.validation(clean: [5, 18, 7], robust: [1, 12, 5]))
    let second: [Double] = [(1 + 4 * l0) / 3, (1 - 2 * l0) / 3, (1 - 2 * l0) / 3]
    #expect(near(state.settings.rows.map(\.lossWeight), second))
    #expect(abs(state.memory["frl.margin"]!.last! + 0.08) < 1e-12)
  }

  /// The boundary error of class 0 is 0.6 above the mean's 0.25 and its bound 0.1.
  @Test func marginsGrowAndWeightsAreLimited() {
    let policy = FairRobustLearning(bound: 0.1, rate: 4, marginRate: 0.5, limit: 0.5, epsilon: 0.1)
    var state = FairnessState(classCount: 3, setting: Self.setting)
    // clean 1, 1, 1; attacked .1, 1, .9: E1 = 1 - 30/40 = .25;  e1 = .9, 0, .1;  g1 = .55, -.35, -.25
    state.begin([policy], validation: Self.validation(clean: [10, 20, 10], robust: [1, 20, 9]))
    // l1_0 = 2·4·.55 = 4.4, limited to .5;  w1 = (1 + 2·.5)/3, (1 - .5)/3
    #expect(near(state.settings.rows.map(\.beta), [0.666_666_667, 0.166_666_667, 0.166_666_667]))
    // m_0 = exp(2·.275)
    #expect(near(state.settings.margins, [0.173_325_302, 0.098, 0.098]))
    // A hundred times more and it is 3.
    for _ in 0..<10 {
      state.begin([policy], validation: Self.validation(clean: [10, 20, 10], robust: [1, 20, 9]))
    }
    #expect(near(state.settings.margins, [0.3, 0.098, 0.098]))
  }

  /// S = [.7 .2 .1; .1 .8 .1; .3 .1 .6]: class 2 is weakest, then 0, then 1.
  @Test func difficultyAware() {
    let policy = DifficultyAware(begin: 2, lambda: 1.5, epsilon: 0.1, stepSize: 0.02)
    #expect((0..<4).map { [policy].needsPredictions(during: $0) } == [false, true, true, true])
    var state = FairnessState(classCount: 3, setting: Self.setting)
    var counts = ClassCounts(classCount: 3)
    for k in [0, 1, 1, 2] { counts.record(label: k, prediction: k) }
    let rows: [[Double]] = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.1, 0.6]]
    for epoch in 0..<2 {
      // Two steps; each class has another number of examples, four in all of class 1.
      for step in 0..<2 {
        let sums = rows.enumerated().flatMap { k, row in
          row.map { (p: Double) -> Int64 in Int64((p * (k == 1 ? 2 : 1) * PredictionSums.unit).rounded()) }
        }
        state.add(counts, predictions: epoch == 1 ? sums : [])
        #expect((state.predictionSums != nil) == (epoch == 1), "step \(step)")
      }
      _ = state.endEpoch([policy])
    }
    // W_0 = 1 + 1.5·(.2·.8) - 1.5·(.3·.7);  1 is better: + S_01·S_11;  2 is worse: - S_20·S_00
    // W_1 = 1 - 1.5·(.2·.8) - 1.5·(.1·.8)
    // W_2 = 1 + 1.5·(.3·.7) + 1.5·(.1·.8)
    let weights: [Double] = [0.925, 0.64, 1.435]
    #expect(near(state.settings.rows.map(\.lossWeight), weights))
    #expect(near(state.settings.margins, [0.0925, 0.064, 0.1435]))
    #expect(near(state.settings.rows.map(\.stepSize), [0.0185, 0.0128, 0.0287]))
    // Once, however long the run becomes.
    #expect(state.memory["dafa"].map { near($0.map(Float.init), weights) } == true && state.predictionSums == nil)
    let later = DifficultyAware(begin: 5, lambda: 1.5, epsilon: 0.1, stepSize: 0.02)
    for policy in [policy, later] {
      #expect(!(0..<9).contains { [policy].needsPredictions(during: $0, state.memory) })
    }
    #expect(DifficultyAware(begin: nil, epsilon: 1, stepSize: 1).remark != nil)
    #expect(DifficultyAware(begin: 0, epsilon: 1, stepSize: 1).fault != nil)
  }

  /// A run that went back behind the beginning of its warm-up's last epoch, or within it: weights come from the next whole
  /// epoch.
  @Test func difficultyAwareAfterARewind() {
    let policy = DifficultyAware(begin: 1, epsilon: 0.1, stepSize: 0.02)
    var state = FairnessState(classCount: 2, setting: Self.setting)
    var counts = ClassCounts(classCount: 2)
    for k in [0, 1] { counts.record(label: k, prediction: k) }
    let sums = [0.75, 0.25, 0.5, 0.5].map { Int64($0 * PredictionSums.unit) }
    // Of the two steps of the first epoch one was not summed; an interval within an epoch decides nothing.
    state.add(counts)
    state.beginInterval([policy])
    state.add(counts, predictions: sums)
    _ = state.endEpoch([policy])
    #expect(state.memory.isEmpty && state.settings.rows.allSatisfy { $0.lossWeight == 1 })
    #expect([policy].needsPredictions(during: state.epoch, state.memory))
    state.add(counts, predictions: sums)
    state.beginInterval([policy])
    #expect(state.predictionSums != nil && state.memory["dafa"] == nil)
    state.add(counts, predictions: sums)
    _ = state.endEpoch([policy])
    // W_0 = 1 - .5·.75, W_1 = 1 + .5·.75
    #expect(near(state.settings.rows.map(\.lossWeight), [0.625, 1.375]))
  }

  /// Losses 1, 2 and none of the mean 1.25: three images of class 0, one of class 1.
  @Test func noRegret() {
    let policy = NoRegret(eta: 0.5)
    #expect(!policy.needsLosses(before: 0) && policy.needsLosses(before: 1))
    var losses = ClassLosses(classCount: 3)
    for loss in [0.5, 1, 1.5] as [Float] { losses.record(label: 0, loss: loss) }
    losses.record(label: 1, loss: 2)
    #expect(losses.means == [1, 2, nil] && losses.mean == 1.25)
    var setting = Self.setting
    setting.lossWeight = NoRegret.firstWeight
    var state = FairnessState(classCount: 3, setting: setting)
    var counts = ClassCounts(classCount: 3)
    counts.record(label: 0, prediction: 0)
    for epoch in 1...2 {
      state.add(counts)
      _ = state.endEpoch([policy], losses: losses)
      let c: [Double] = [1, 2, 1.25, 1.25].map { Double(epoch) * $0 }
      let sum: Double = c.reduce(0) { $0 + exp(0.5 * $1) }
      let weights: [Double] = c.map { 3 * exp(0.5 * $0) / sum }
      let expected: [Double] = (0..<3).map { weights[$0] + weights[3] }
      #expect(near(state.settings.rows.map(\.lossWeight), expected))
    }
    #expect(state.fault == nil)
  }

  /// Accuracies 1/2, 3/4, no examples, 0: the mean of three is 5/12.
  @Test func mixedTargets() {
    var state = FairnessState(classCount: 4, setting: Self.setting)
    var counts = ClassCounts(classCount: 4)
    for (label, right, wrong) in [(0, 1, 1), (1, 3, 1), (3, 0, 2)] {
      for _ in 0..<right { counts.record(label: label, prediction: label) }
      for _ in 0..<wrong { counts.record(label: label, prediction: (label + 1) % 4) }
    }
    state.add(counts)
    _ = state.endEpoch([MixedTargets(begin: 1)])
    #expect(state.settings.rows.map(\.targeted) == [true, true, false, false])
    state.add(counts)
    _ = state.endEpoch([MixedTargets(begin: 5)])
    #expect(state.settings.rows.map(\.targeted) == [true, true, false, false])
  }

  /// What policies remember is part of the state: of its JSON, its equality and its digest; nothing remembered is nothing.
  @Test func memoryIsState() throws {
    var state = FairnessState(classCount: 3, setting: Self.setting)
    let empty = state.words
    let json = try JSONEncoder().encode(state)
    #expect(!String(decoding: json, as: UTF8.self).contains("remembered"))
    state.memory["frl.natural"] = [0.1, 0, .pi]
    #expect(state.words != empty && Array(state.words.prefix(empty.count)) == empty)
    let again = try JSONDecoder().decode(FairnessState.self, from: JSONEncoder().encode(state))
    #expect(again == state && again.fault == nil)
    state.memory["frl.natural"] = [.nan]
    #expect(state.fault != nil)
    state.memory["frl.natural"] = nil
    #expect(state.words == empty && state.memory.isEmpty)
  }
}
