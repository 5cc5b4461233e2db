// The promised JSON keys, and round trips that keep every bit.

import Fairness
import Foundation
import Tensors
import Testing

@Suite struct CodingTests {
  let clean = confusion(correct: [4, 3, 0, 2], examples: [4, 4, 0, 4])
  let robust = confusion(correct: [2, 3, 0, 1], examples: [4, 4, 0, 4])

  func object(_ value: some Encodable) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
  }

  func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  @Test func evaluationResult() throws {
    let result = EvaluationResult(clean: clean, robust: robust)
    let object = try object(result)
    #expect(
      Set(object.keys) == [
        "clean_accuracy", "robust_accuracy", "clean_worst", "robust_worst", "class_clean", "class_robust",
      ])
    #expect(object["clean_accuracy"] as? Double == 0.75)
    #expect(object["robust_accuracy"] as? Double == 0.5)
    // Ranked independently: class 3 is the worst of both here, at 2 and at 1 of 4.
    #expect(object["clean_worst"] as? Double == 0.5)
    #expect(object["robust_worst"] as? Double == 0.25)
    let classes = try #require(object["class_robust"] as? [Any])
    #expect(classes.count == 4 && classes[2] is NSNull && classes[1] as? Double == 0.75)
    #expect(try roundTrip(result) == result)
  }

  @Test func attackEvaluation() throws {
    let warning = EvaluationWarning(.zeroGradients, "half of them")
    let evaluation = AttackEvaluation(attack: "pgd-10", clean: clean, robust: robust, warnings: [warning])
    let object = try object(evaluation)
    #expect(
      Set(object.keys) == [
        "attack", "count", "confusion", "clean_confusion", "clean_accuracy", "robust_accuracy", "clean_worst",
        "robust_worst", "class_clean", "class_robust", "warnings",
      ])
    #expect(object["count"] as? Int == 12)
    #expect(object["warnings"] as? [[String: String]] == [["kind": "zero-gradients", "text": "half of them"]])
    #expect(object["confusion"] as? [[Int]] == [[2, 2, 0, 0], [0, 3, 1, 0], [0, 0, 0, 0], [3, 0, 0, 1]])
    #expect(try roundTrip(evaluation) == evaluation)
  }

  @Test func fairnessRecord() throws {
    var state = FairnessState(classCount: 3, setting: FairnessStateTests.setting)
    state.add(FairnessStateTests.counts)
    let record = state.endEpoch([])
    #expect(
      Set(try object(record).keys) == [
        "epoch", "class_count", "class_correct", "false_positives", "targets", "cfp", "prior", "prior_entropy",
        "margins255",
      ])
    #expect(try roundTrip(record) == record)
  }

  @Test func everyBitOfAStateSurvives() throws {
    let stream = RandomStream(seed: 21, purpose: .test)
    var words = 0
    /// A non-negative finite Double with random bits.
    func double() -> Double {
      words += 1
      let bits = UInt64(stream.word(at: 2 * words)) << 32 | UInt64(stream.word(at: 2 * words + 1))
      let value = Double(bitPattern: bits & (1 << 63 - 1))
      return value.isFinite ? value : 0
    }
    func float() -> Float {
      words += 1
      let value = Float(bitPattern: stream.word(at: 2 * words))
      return value.isFinite ? value : 0
    }
    for _ in 0..<200 {
      var state = FairnessState(classCount: 10, setting: FairnessStateTests.setting)
      state.prior = TargetPrior(probabilities: (0..<10).map { _ in double() })
      for k in 0..<10 {
        state.settings[k] = ClassSetting(
          targeted: k % 2 == 0, epsilon: float(), steps: k, stepSize: float(), lossWeight: float(), beta: float())
      }
      let counts = (0..<40).map { _ in
        words += 1
        return Int64(stream.word(at: 2 * words)) << 20
      }
      state.add(ClassCounts(classCount: 10, flat: counts))
      let copy = try roundTrip(state)
      #expect(copy == state && copy.words == state.words)
    }
  }

  @Test func damagedShapesAreRefused() {
    let decoder = JSONDecoder()
    #expect(throws: DecodingError.self) {
      try decoder.decode(ConfusionMatrix.self, from: Data("[[1,2],[3]]".utf8))
    }
    #expect(throws: DecodingError.self) {
      try decoder.decode(
        ClassCounts.self,
        from: Data(#"{"examples":[1],"correct":[1,0],"false_positives":[0],"targets":[0]}"#.utf8))
    }
  }
}
