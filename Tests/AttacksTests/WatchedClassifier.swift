// The classifier of goldens/generate_attacks.py, which computes in Double on both sides.

import Classification
import Foundation
import Oracle
import Tensors

/// What the classifier and the addresses of such a file are.
protocol GoldenSetting {
  var seed: UInt64 { get }
  var attackSeed: UInt64 { get }
  var side: Int { get }
  var hidden: Int { get }
  var steepness: Double { get }
  var iterations: Int { get }
}

extension GoldenSetting {
  /// Elements of an image.
  var count: Int { side * side * 3 }
}

/// z = W2 tanh(W1 (x − 1/2) + b1) + b2, in Double but for what goes in and comes out; keeps what it is shown.
final class WatchedClassifier: DifferentiableClassifier {
  struct Pass {
    let images: [[Float]]
    let logits: [[Float]]
    var takesGradient = false
  }
  let classCount: Int
  private(set) var passes: [Pass] = []
  private let w1: OracleTensor, b1: OracleTensor, w2: OracleTensor, b2: OracleTensor
  /// tanh of the last pass.
  private var hidden: [[Double]] = []

  init(_ golden: some GoldenSetting, classes: Int) {
    let data = OracleData(seed: golden.seed)
    classCount = classes
    w1 = golden.steepness * data.values([golden.hidden, golden.count], number: 0)
    b1 = golden.steepness * data.values([golden.hidden], number: 1)
    w2 = data.values([classes, golden.hidden], number: 2)
    b2 = data.values([classes], number: 3)
  }

  func logits(of images: Tensor) -> Tensor {
    let (shown, logits) = (Self.rows(images), Tensor(Shape(n: images.shape.n, c: classCount)))
    hidden = shown.map { x in
      b1.values.indices.map { h in tanh(x.indices.reduce(b1.values[h]) { $0 + w1[h, $1] * (Double(x[$1]) - 0.5) }) }
    }
    for (n, units) in hidden.enumerated() {
      for k in 0..<classCount {
        logits.image(n)[k] = Float(units.indices.reduce(b2.values[k]) { $0 + w2[k, $1] * units[$1] })
      }
    }
    passes.append(Pass(images: shown, logits: Self.rows(logits)))
    return logits
  }

  func imageGradient(of dLogits: Tensor) -> Tensor {
    let last = passes.count - 1
    passes[last].takesGradient = true
    let dx = Tensor(Shape(n: hidden.count, h: 1, w: 1, c: w1.shape[1]))
    for (n, units) in hidden.enumerated() {
      let slopes = units.indices.map { h in
        (1 - units[h] * units[h]) * (0..<classCount).reduce(0) { $0 + Double(dLogits.image(n)[$1]) * w2[$1, h] }
      }
      for i in 0..<dx.shape.c { dx.image(n)[i] = Float(slopes.indices.reduce(0) { $0 + slopes[$1] * w1[$1, i] }) }
    }
    return dx
  }

  static func rows(_ x: Tensor) -> [[Float]] {
    (0..<x.shape.n).map { Array(UnsafeBufferPointer(start: x.image($0), count: x.shape.imageCount)) }
  }
}
