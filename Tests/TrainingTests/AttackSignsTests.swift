import Attacks
import Classification
import Evaluation
import Fairness
import Foundation
import LocalRanks
import Tensors
import Testing

extension TrainingTests {
  /// What an evaluation warns of, from logits and gradients made by hand.
  @Suite struct AttackSignals {
    /// Ten steps of 1/4 in a ball of 1.
    static let attack = AttackPlan.pgd(steps: 10, stepSize: 0.25, epsilon: 1)

    /// What is kept of an evaluation may be damaged: then it begins anew.
    @Test(arguments: [
      ("", true), ("[1,2,3,4,5]", false), ("[]", false), ("[1,2]", false), ("-1", false),
      ("9223372036854775807", false),
    ])
    func aDamagedRecordIsNotGoneOnFrom(value: String, isWhole: Bool) throws {
      let (extremes, images) = value.hasPrefix("[") ? (value, "1") : ("[1,2,3,4]", value.isEmpty ? "1" : value)
      let verdict = "{\"label\":0,\"clean\":0,\"attacked\":1,\"brokenBy\":1,\"judged\":2}"
      let json =
        "{\"verdicts\":{\"examples\":[\(verdict)],\"classCount\":2,\"attacks\":[\"a\"]},\"seconds\":[1],"
        + "\"signs\":{\"gradients\":1,\"zeroGradients\":0,\"images\":\(images),\"equalLogits\":0,\"distributions\":0,"
        + "\"overflows\":0,\"extremes\":\(extremes)}}"
      let record = try JSONDecoder().decode(EvaluationRecord.self, from: Data(json.utf8))
      #expect(record.isWhole(examples: 1, classes: 2, attacks: ["a"]) == isWhole)
    }

    fileprivate static func logits(_ rows: [[Float]]) -> Tensor {
      let tensor = Tensor(Shape(n: rows.count, c: rows[0].count))
      for (n, row) in rows.enumerated() { for (k, z) in row.enumerated() { tensor.image(n)[k] = z } }
      return tensor
    }

    /// The warnings after images with these logits, dealt out to so many ranks.
    private static func kinds(_ rows: [[Float]], ranks: Int) throws -> [EvaluationWarning.Kind] {
      let all = try LocalGroup.run(size: ranks) { communicator in
        var signs = AttackSigns(classCount: rows[0].count)
        let own = Array(rows[communicator.rank * rows.count / ranks..<(communicator.rank + 1) * rows.count / ranks])
        if !own.isEmpty { signs.see(clean: logits(own)) }
        try signs.reduce(communicator)
        return signs.warnings(attack)
      }
      #expect(all.allSatisfy { $0 == all[0] })
      return all[0].map(\.kind)
    }

    @Test(arguments: [1, 2, 5])
    func logitsThatSayNothing(ranks: Int) throws {
      #expect(try Self.kinds([[1, 2], [1, 2], [1, 2]], ranks: ranks) == [.constantLogits])
      #expect(try Self.kinds([[-1, 0], [-1, 0], [-1, Float(0).nextUp]], ranks: ranks) == [])
      #expect(try Self.kinds([[-1, 0], [-1, -0.0]], ranks: ranks) == [.constantLogits])
      #expect(try Self.kinds([[-3, -2], [-2, -3], [-3, -2]], ranks: ranks) == [])
      // All equal within an image: two of ten is more than a tenth, one is not.
      let different: [[Float]] = (0..<8).map { [Float($0), 1, -5] }
      #expect(try Self.kinds(different + [[2, 2, 2], [3, 3, 3]], ranks: ranks) == [.equalLogits])
      #expect(try Self.kinds(different + [[2, 2, 2], [3, 3, 4]], ranks: ranks) == [])
      // One image is as constant as can be, and says nothing of the model.
      #expect(try Self.kinds([[1, 2]], ranks: ranks) == [])
    }

    /// Softmax's values differ from image to image and are 1 in sum; one image of another sum is enough to be none.
    @Test(arguments: [1, 2]) func logitsThatAreProbabilities(ranks: Int) throws {
      #expect(try Self.kinds([[0.25, 0.75], [0.5, 0.5], [1, 0]], ranks: ranks) == [.equalLogits, .probabilities])
      #expect(try Self.kinds([[0.25, 0.75], [0.4, 0.6], [1, 0]], ranks: ranks) == [.probabilities])
      #expect(try Self.kinds([[0.25, 0.75], [0.4, 0.6], [1.5, -0.5]], ranks: ranks) == [])
      #expect(try Self.kinds([[0.25, 0.75], [0.4, 0.6], [1, 0.5]], ranks: ranks) == [])
    }

    @Test func gradientsThatAreZero() {
      for (zeros, all, share) in [(1, 10, nil), (2, 10, "20.0 %"), (101, 1000, "10.1 %"), (10, 10, "100.0 %")] {
        var signs = AttackSigns(classCount: 2)
        (signs.gradients, signs.zeroGradients) = (Int64(all), Int64(zeros))
        let warnings = signs.warnings(Self.attack)
        #expect(warnings.map(\.kind) == (share == nil ? [] : [.zeroGradients]), "\(zeros) of \(all)")
        if let share { #expect(warnings[0].text.hasPrefix("\(share) of the input gradients are zero")) }
      }
    }

    /// 4 x 2/255 is 8/255 in floating point too, 10 x 0.8/255 only nearly.
    @Test(
      arguments: [
        (64.0, 2.0, 10, "steps x step size is 10 x 2/255 = 20/255, less than epsilon 64/255"), (8, 2, 4, nil),
        (8, 0.8, 10, nil),
        (8, 0.75, 10, "10 x 0.75/255 = 7.5/255, less than epsilon 8/255"),
        (8, 2, 0, "0 x 2/255 = 0/255, less"), (0, 2, 0, nil), (16, 2, 10, nil),
        (255, 1, 254, "254 x 1/255 = 254/255, less than epsilon 255/255"),
      ] as [(Double, Double, Int, String?)])
    func stepsThatDoNotReachEpsilon(epsilon: Double, step: Double, steps: Int, says text: String?) {
      let attack = AttackPlan.pgd(
        steps: steps, stepSize: Float(step / 255), restarts: 3, epsilon: Float(epsilon / 255))
      #expect((attack.shortness == nil) == (text == nil), "\(attack.shortness ?? "")")
      if let text { #expect(attack.shortness?.contains(text) == true, "\(attack.shortness ?? "")") }
    }

    /// Gives the logits and gradients it is told to.
    private final class Scripted: DifferentiableClassifier {
      let classCount = 2
      let gradients: [[Float]], logits: [[Float]]
      init(_ gradients: [[Float]], logits: [[Float]] = []) { (self.gradients, self.logits) = (gradients, logits) }
      func logits(of images: Tensor) -> Tensor { AttackSignals.logits(logits) }
      func imageGradient(of dLogits: Tensor) -> Tensor { AttackSignals.logits(gradients) }
    }

    @Test func gradientsAreCountedImageByImage() throws {
      let counter = GradientCounter(
        Scripted([[0, 0, 0], [0, -0.0, .leastNonzeroMagnitude], [.nan, 0, .nan], [-1, 2, 3], [0, 0, -.infinity]]))
      for _ in 0..<2 { _ = try counter.imageGradient(of: Tensor(Shape(n: 5, c: 2))) }
      #expect(counter.count == 10 && counter.zeros == 4)
    }

    @Test func imagesWithoutAPredictionAreCounted() throws {
      let counter = GradientCounter(
        Scripted([], logits: [[1, 2, 3], [.nan, 0, 0], [0, .infinity, 0], [3e38, -3e38, 0]]))
      for _ in 0..<2 { _ = try counter.logits(of: Tensor(Shape(n: 4, c: 2))) }
      #expect(counter.overflows == 4)
    }
  }
}
