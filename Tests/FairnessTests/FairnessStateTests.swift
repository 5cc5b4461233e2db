// Policies over epochs: CFA's margins, FAIR-TAT's prior, their beginnings, and what ranks and resumed runs must share.

import Fairness
import Foundation
import Tensors
import Testing

@Suite struct FairnessStateTests {
  static let setting = ClassSetting(targeted: true, epsilon: 8.0 / 255, steps: 10, stepSize: 2.0 / 255)
  /// t = 0.5, 1, 0; CFPS = 0.2, 0, 0.8.
  static let counts = classCounts(examples: [6, 4, 2], correct: [3, 4, 0], falsePositives: [1, 0, 4])

  @Test func marginsFollowCFA() {
    var state = FairnessState(classCount: 3, setting: Self.setting)
    #expect(state.settings.margins255 == [8, 8, 8])
    #expect(state.prior == .uniform(classCount: 3))
    state.add(Self.counts)
    let record = state.endEpoch(FairnessOptions().policies)
    #expect(state.epoch == 1)
    // (0.5 + t)·8
    #expect(state.settings.margins255 == [8, 12, 4])
    let margins: [Float] = [8.0 / 255, 12.0 / 255, 4.0 / 255]
    #expect(state.settings.margins == margins)
    #expect(state.prior.probabilities == [0.2, 0, 0.8])
    #expect(state.epochCounts == ClassCounts(classCount: 3) && state.intervalCounts == state.epochCounts)
    // The record shows what epoch 0 was trained with.
    let uniform = [Double](repeating: 1.0 / 3, count: 3)
    #expect(record.epoch == 0 && record.margins255 == [8, 8, 8] && record.prior == uniform)
    #expect(record.classCount == [6, 4, 2] && record.classCorrect == [3, 4, 0])
    #expect(record.falsePositives == [1, 0, 4] && record.cfp == [0.2, 0, 0.8])
    #expect(abs(record.priorEntropy - log(3)) < 1e-15)
    // Nothing else of the table moved.
    #expect(state.settings.rows.allSatisfy { $0.steps == 10 && $0.targeted && $0.beta == 6 && $0.lossWeight == 1 })
  }

  /// t = 0.5, 1, 0 have the mean 0.5; CFPS = 0.2, 0, 0.8: t' = 0.5 · 3/2 · (0.8, 1, 0.2) = 0.6, 0.75, 0.15.
  @Test func marginsFollowTheFalsePositives() {
    var options = FairnessOptions()
    options.marginMeasure = .cfp
    var state = FairnessState(classCount: 3, setting: Self.setting)
    state.add(Self.counts)
    _ = state.endEpoch(options.policies)
    for (margin, expected) in zip(state.settings.margins255, [8.8, 10, 5.2]) {
      #expect(abs(Double(margin) - expected) < 1e-5)
    }
    #expect(state.prior.probabilities == [0.2, 0, 0.8])
    // No false positive: every accuracy is 1.
    state.add(classCounts(examples: [6, 4, 0], correct: [6, 4, 0], falsePositives: [0, 0, 0]))
    _ = state.endEpoch(options.policies)
    #expect(state.settings.margins255[0] == 12 && state.settings.margins255[1] == 12)
    #expect(abs(state.settings.margins255[2] - 5.2) < 1e-5)
  }

  /// Without a rule no count moves the prior.
  @Test func priorsOfExamplesLeaveTheClasses() {
    var options = FairnessOptions()
    options.prior = nil
    var state = FairnessState(classCount: 3, setting: Self.setting)
    state.add(Self.counts)
    _ = state.endEpoch(options.policies)
    #expect(state.prior == .uniform(classCount: 3) && state.settings.margins255 == [8, 12, 4])
  }

  @Test func priorAndCalibrationBeginSeparately() {
    var options = FairnessOptions()
    options.priorBegin = 2
    options.calibrationBegin = 3
    options.betaLambda = 0.5
    var state = FairnessState(classCount: 3, setting: Self.setting)
    var history: [(prior: [Double], margins: [Float], beta: [Float])] = []
    for _ in 0..<4 {
      history.append((state.prior.probabilities, state.settings.margins255, state.settings.rows.map(\.beta)))
      state.add(Self.counts)
      _ = state.endEpoch(options.policies)
    }
    let uniform = [Double](repeating: 1.0 / 3, count: 3)
    #expect(history.map(\.prior) == [uniform, uniform, [0.2, 0, 0.8], [0.2, 0, 0.8]])
    #expect(history.map(\.margins) == [[8, 8, 8], [8, 8, 8], [8, 8, 8], [8, 12, 4]])
    // (0.5 + t)·6
    #expect(history.map(\.beta) == [[6, 6, 6], [6, 6, 6], [6, 6, 6], [6, 9, 3]])
  }

  @Test func switchesAreSeparate() {
    var marginsOnly = FairnessOptions()
    marginsOnly.prior = .uniform
    var priorOnly = FairnessOptions()
    priorOnly.marginLambda = nil
    var first = FairnessState(classCount: 3, setting: Self.setting)
    var second = first
    first.add(Self.counts)
    second.add(Self.counts)
    _ = first.endEpoch(marginsOnly.policies)
    _ = second.endEpoch(priorOnly.policies)
    #expect(first.prior == .uniform(classCount: 3) && first.settings.margins255 == [8, 12, 4])
    #expect(second.prior.probabilities == [0.2, 0, 0.8] && second.settings.margins255 == [8, 8, 8])
  }

  @Test func absentClassKeepsItsMargin() {
    var state = FairnessState(classCount: 3, setting: Self.setting)
    state.add(Self.counts)
    _ = state.endEpoch(FairnessOptions().policies)
    state.add(classCounts(examples: [4, 0, 4], correct: [4, 0, 1], falsePositives: [3, 0, 0]))
    _ = state.endEpoch(FairnessOptions().policies)
    #expect(state.settings.margins255 == [12, 12, 6])
    #expect(state.prior.probabilities == [1, 0, 0])
  }

  @Test func shorterIntervals() {
    var state = FairnessState(classCount: 3, setting: Self.setting)
    let policies = FairnessOptions().policies
    _ = state.endEpoch(policies)
    state.add(Self.counts)
    state.beginInterval(policies)
    #expect(state.epoch == 1 && state.settings.margins255 == [8, 12, 4])
    state.add(classCounts(examples: [2, 2, 2], correct: [2, 2, 2], falsePositives: [0, 0, 0]))
    let record = state.endEpoch(policies)
    // The log has the whole epoch, the policies the last interval.
    #expect(record.classCount == [8, 6, 4] && record.classCorrect == [5, 6, 2])
    #expect(state.settings.margins255 == [12, 12, 12])
    #expect(state.prior == .uniform(classCount: 3))
  }

  /// Three epochs of random counts; `parts` ranks share each step's examples.
  func run(parts: Int, resumedAfter stop: Int? = nil) throws -> [UInt64] {
    var state = FairnessState(classCount: 7, setting: Self.setting)
    var options = FairnessOptions()
    options.prior = .cfpSoftmax(temperature: 0.5)
    options.betaLambda = 0.5
    var step = 0
    for epoch in 0..<3 {
      for _ in 0..<5 {
        var ranks = (0..<parts).map { _ in ClassCounts(classCount: 7) }
        for example in 0..<40 {
          let stream = RandomStream(seed: 9, purpose: .test, epoch: epoch, example: example, step: step)
          let label = stream.integer(below: 7, at: 0)
          let target = state.prior.draw(label: label, uniform: Double(stream.uniform(at: 2)))
          ranks[example % parts].record(label: label, prediction: stream.integer(below: 7, at: 1))
          ranks[example % parts].record(target: target)
        }
        var sum = ranks[parts - 1]
        for rank in ranks.dropLast() { sum.add(rank) }
        state.add(sum)
        step += 1
        if step == stop {
          state = try JSONDecoder().decode(FairnessState.self, from: JSONEncoder().encode(state))
        }
      }
      _ = state.endEpoch(options.policies)
    }
    return state.words
  }

  @Test func equalOnAnyRanksAndAfterAResume() throws {
    let expected = try run(parts: 1)
    for parts in [2, 3, 8] { #expect(try run(parts: parts) == expected) }
    for stop in [1, 5, 8, 15] { #expect(try run(parts: 2, resumedAfter: stop) == expected) }
  }

  @Test func wordsSeeEveryChange() {
    let state = FairnessState(classCount: 3, setting: Self.setting)
    var counted = state
    counted.add(Self.counts)
    var margin = state
    margin.settings[1].epsilon = margin.settings[1].epsilon.nextUp
    var untargeted = state
    untargeted.settings[2].targeted = false
    var prior = state
    prior.prior = TargetPrior(probabilities: [1.0 / 3, (1.0 / 3).nextUp, 1.0 / 3])
    var next = state
    _ = next.endEpoch([])
    #expect(Set([state, counted, margin, untargeted, prior, next].map(\.words)).count == 6)
  }
}
