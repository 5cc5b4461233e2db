import Classification
import Fairness
import Foundation
import Methods
import Options
import Tensors
import Testing

/// The losses of the methods against their formulas in Double: values, and gradients by central differences.
@Suite struct LossTests {
  typealias Formula = @Sendable (_ z: [[Double]], _ label: Int, _ weight: Double, _ beta: Double) -> Double

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let loss: any TrainingLoss
    let views: Int
    let formula: Formula
  }

  static func logSoftmax(_ z: [Double]) -> [Double] {
    let sum = z.reduce(0) { $0 + exp($1) }
    return z.map { $0 - log(sum) }
  }
  static func crossEntropy(_ z: [Double], _ label: Int) -> Double { -logSoftmax(z)[label] }
  /// Labels that are 1 − s + s/K at their class and s/K at others.
  static func smoothedCrossEntropy(_ z: [Double], _ label: Int, _ s: Double) -> Double {
    let p = logSoftmax(z)
    return -p.indices.reduce(0) { $0 + (s / Double(z.count) + ($1 == label ? 1 - s : 0)) * p[$1] }
  }
  static func divergence(_ p: [Double], _ q: [Double]) -> Double {
    zip(logSoftmax(p), logSoftmax(q)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
  }
  static func fromUniform(_ p: [Double]) -> Double {
    log(Double(p.count)) + logSoftmax(p).reduce(0) { $0 + exp($1) * $1 }
  }

  static func loss(_ name: String) -> any TrainingLoss {
    let part = methods[name]!
    return part.make(
      PartValues(Dictionary(uniqueKeysWithValues: part.options.map { ($0.path, $0.value) })),
      MethodFacts(epochs: 10, statistics: .running)
    ).loss
  }

  static let weighted: Formula = { z, y, w, beta in w * (crossEntropy(z[0], y) + beta * divergence(z[0], z[1])) }
  static let calibrated: Formula = { z, y, _, beta in
    (crossEntropy(z[0], y) + beta * divergence(z[0], z[1])) / (1 + beta)
  }
  static let plain: Formula = { z, y, w, _ in w * crossEntropy(z[0], y) }

  /// The examples of each class in the batch, and each class's weight and beta.
  static let labelCounts = [3, 0, 2, 1, 2]
  static let weights = [0.5, 7, 1.25, 2, 0.75], betas = [6, 1, 0.5, 2, 3.5]
  static var weightSum: Double { zip(labelCounts, weights).reduce(0) { $0 + Double($1.0) * $1.1 } }
  static var betaSum: Double { zip(labelCounts, betas).reduce(0) { $0 + Double($1.0) * $1.1 } }

  static let cases: [Case] =
    ["clean", "fgsm", "at", "fairtat", "fat", "fairtat-fat", "fat-original"].map {
      Case(testDescription: $0, loss: loss($0), views: 1, formula: plain)
    }
    + ["trades", "fairtat-trades"].map {
      Case(testDescription: $0, loss: loss($0), views: 2, formula: calibrated)
    }
    + ["trades-original", "fat-for-trades"].map {
      Case(testDescription: $0, loss: loss($0), views: 2, formula: weighted)
    }
    + [
      Case(testDescription: "bat", loss: loss("bat"), views: 3) { z, y, _, beta in
        crossEntropy(z[0], y) + beta * divergence(z[2], z[1]) + fromUniform(z[0]) + fromUniform(z[1])
      },
      Case(
        testDescription: "weights on cross-entropy alone",
        loss: RegularisedLoss(form: .weightedCrossEntropy, clean: 0, attacked: 1), views: 2
      ) { z, y, w, beta in w * crossEntropy(z[0], y) + beta * divergence(z[0], z[1]) },
      Case(testDescription: "at, smoothed", loss: loss("at").smoothed(0.1)!, views: 1) { z, y, w, _ in
        w * smoothedCrossEntropy(z[0], y, 0.1)
      },
      Case(testDescription: "trades, smoothed", loss: loss("trades").smoothed(0.3)!, views: 2) { z, y, _, beta in
        (smoothedCrossEntropy(z[0], y, 0.3) + beta * divergence(z[0], z[1])) / (1 + beta)
      },
      Case(testDescription: "trades-original, smoothed", loss: loss("trades-original").smoothed(0.1)!, views: 2) {
        z, y, w, beta in w * (smoothedCrossEntropy(z[0], y, 0.1) + beta * divergence(z[0], z[1]))
      },
      // B = 8 examples in the batch.
      Case(
        testDescription: "weights that sum to the batch",
        loss: RegularisedLoss(form: .normalised(regularisation: 1.5), clean: 0, attacked: 1), views: 2
      ) { z, y, w, beta in
        8 * w / weightSum * crossEntropy(z[0], y) + 1.5 * 8 * beta / betaSum * divergence(z[0], z[1])
      },
    ]

  @Test(arguments: cases) func valueAndGradient(_ item: Case) {
    let k = 5
    var settings = ClassSettings(
      classCount: k, repeating: ClassSetting(targeted: false, epsilon: 0.1, steps: 1, stepSize: 0.1))
    for c in 0..<k {
      settings[c].lossWeight = Float(Self.weights[c])
      settings[c].beta = Float(Self.betas[c])
    }
    let facts = BatchFacts(labelCounts: Self.labelCounts, settings)
    let stream = RandomStream(seed: 3, purpose: .test)
    for label in [0, 2, 3, 4] {
      // Logits of all views as they lie for a shard of two examples.
      let stride = 2 * k
      var logits = (0..<item.views * stride).map { 6 * stream.uniform(at: 100 * label + $0) - 3 }
      var gradient = [Float](repeating: .nan, count: logits.count)
      let value = logits.withUnsafeMutableBufferPointer { z in
        gradient.withUnsafeMutableBufferPointer { dz in
          item.loss.evaluate(
            ViewLogits(z.baseAddress!, stride: stride, classes: k), label: label, settings[label], facts,
            gradient: ViewLogits(dz.baseAddress!, stride: stride, classes: k), scale: 0.25)
        }
      }
      let z = (0..<item.views).map { view in (0..<k).map { Double(logits[view * stride + $0]) } }
      func formula(_ z: [[Double]]) -> Double { item.formula(z, label, Self.weights[label], Self.betas[label]) }
      #expect(abs(Double(value) - formula(z)) < 2e-6 * max(1, formula(z)), "label \(label)")
      for view in 0..<item.views {
        for j in 0..<k {
          var (up, down) = (z, z)
          up[view][j] += 1e-5
          down[view][j] -= 1e-5
          let slope = 0.25 * (formula(up) - formula(down)) / 2e-5
          let found = Double(gradient[view * stride + j])
          #expect(abs(found - slope) < 3e-6 * max(1, abs(slope)), "label \(label), view \(view), logit \(j)")
        }
      }
    }
  }

  /// PyTorch's F.cross_entropy(z, y, label_smoothing=0.1) for z = (1, 0, -1, 0), y = 0, by hand: log(e + 2 + 1/e) = 1.626523...,
  /// less 0.9 · 1 and 0.1/4 · 0; smoothing of 0 is the plain loss, and BAT has no such form.
  @Test func smoothingByHand() {
    let z: [Float] = [1, 0, -1, 0]
    let smoothed = CrossEntropy.evaluate(z, classes: 4, label: 0, smoothing: 0.1)
    #expect(abs(Double(smoothed) - (log(M_E + 2 + 1 / M_E) - 0.9)) < 1e-6)
    #expect(
      CrossEntropy.evaluate(z, classes: 4, label: 0, smoothing: 0) == CrossEntropy.evaluate(z, classes: 4, label: 0))
    #expect(methods.names.filter { Self.loss($0).smoothed(0.1) == nil } == ["bat"])
  }

  /// A prediction of almost 1 has no infinite logarithm, and its loss is not lost.
  @Test(arguments: ["trades", "trades-original", "bat"]) func largeLogits(name: String) {
    let k = 3
    var logits: [Float] = [200, 0, -200, -200, 0, 200, 0, 200, -100]
    var gradient = [Float](repeating: .nan, count: 9)
    let row = ClassSetting(targeted: false, epsilon: 0.1, steps: 1, stepSize: 0.1)
    let facts = BatchFacts(labelCounts: [1, 0, 0], ClassSettings(classCount: k, repeating: row))
    let value = logits.withUnsafeMutableBufferPointer { z in
      gradient.withUnsafeMutableBufferPointer { dz in
        Self.loss(name).evaluate(
          ViewLogits(z.baseAddress!, stride: k, classes: k), label: 0, row, facts,
          gradient: ViewLogits(dz.baseAddress!, stride: k, classes: k), scale: 1)
      }
    }
    // KL of the first two views is 400, of x and x_fa 300 and more.
    #expect(value.isFinite && value > 300)
    let isFinite = gradient.prefix((name == "bat" ? 3 : 2) * k).allSatisfy { $0.isFinite }
    #expect(isFinite)
  }
}
