// Integers that tell whether an attack could do its work: sums and extremes over all images, equal on any number of ranks.

import Attacks
import Communication
import Classification
import Fairness
import Tensors

/// What was seen of logits and gradients in an evaluation.
package struct AttackSigns: Codable, Equatable, Sendable {
  /// Input gradients, one an image, step and restart; those that were zero.
  package var gradients: Int64 = 0, zeroGradients: Int64 = 0
  /// Images without an attack; those of them whose logits are all one number.
  package private(set) var images: Int64 = 0, equalLogits: Int64 = 0
  /// Images without an attack whose logits are a distribution: none below 0, and 1 in sum.
  private(set) var distributions: Int64 = 0
  /// Images passed, attacked or not, of whose logits one is NaN or infinite.
  package private(set) var overflows: Int64 = 0
  /// Of each class the largest logit of any image, then of each class the largest negative one, in whole numbers that
  /// are ordered as the logits are.
  private var extremes: [Int64]

  package init(classCount: Int) { extremes = [Int64](repeating: .min, count: 2 * classCount) }

  /// Looks at the logits of images as they are.
  package mutating func see(clean logits: Tensor) {
    let classCount = logits.shape.c
    for n in 0..<logits.shape.n {
      let z = logits.image(n)
      images += 1
      if (1..<classCount).allSatisfy({ z[$0] == z[0] }) { equalLogits += 1 }
      let logits = UnsafeBufferPointer(start: z, count: classCount)
      if logits.allSatisfy({ $0 >= 0 }) && abs(logits.reduce(0, +) - 1) < 1e-3 { distributions += 1 }
      for k in 0..<classCount {
        let order = Self.order(z[k])
        extremes[k] = max(extremes[k], order)
        extremes[classCount + k] = max(extremes[classCount + k], -order)
      }
    }
  }

  /// Takes in what was seen of the passes through a classifier.
  mutating func see(_ passes: GradientCounter<some DifferentiableClassifier>) {
    gradients += passes.count
    zeroGradients += passes.zeros
    overflows += passes.overflows
  }

  /// Takes in what all ranks saw; a call of all ranks.
  package mutating func reduce(_ communicator: any Communicator) throws {
    let sums = try communicator.sum([gradients, zeroGradients, images, equalLogits, overflows, distributions])
    (gradients, zeroGradients, images, equalLogits, overflows, distributions) = (
      sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    )
    try extremes.withUnsafeMutableBufferPointer { try communicator.allReduceMaximum($0) }
  }

  /// Whether they can be those of an evaluation with so many classes: what was read may be anything.
  func isWhole(classes: Int) -> Bool {
    extremes.count == 2 * classes
      && [gradients, zeroGradients, images, equalLogits, distributions, overflows].allSatisfy { 0...(1 << 53) ~= $0 }
  }

  /// Takes in what was seen of other images.
  mutating func add(_ other: AttackSigns) {
    gradients += other.gradients
    zeroGradients += other.zeroGradients
    images += other.images
    equalLogits += other.equalLogits
    overflows += other.overflows
    distributions += other.distributions
    for i in extremes.indices { extremes[i] = max(extremes[i], other.extremes[i]) }
  }

  /// Whether several images all have the same logits.
  private var isConstant: Bool {
    let classCount = extremes.count / 2
    return images > 1 && (0..<classCount).allSatisfy { extremes[$0] == -extremes[classCount + $0] }
  }

  /// What follows for the numbers of an attack, once all ranks are in.
  package func warnings(_ attack: AttackPlan) -> [EvaluationWarning] {
    var warnings: [EvaluationWarning] = []
    if isConstant {
      warnings.append(
        EvaluationWarning(
          .constantLogits,
          "all \(images) images have the same logits: the model does not look at them, and its accuracy means nothing"))
    } else if 10 * equalLogits > images {
      warnings.append(
        EvaluationWarning(
          .equalLogits,
          "\(Self.percent(equalLogits, images)) of the images have equal logits for all classes, which counts as the "
            + "first class"))
    }
    if images > 1 && distributions == images {
      warnings.append(
        EvaluationWarning(
          .probabilities,
          "the logits of all \(images) images are at least 0 and 1 in sum, as probabilities are: a softmax over them hides the "
            + "gradients from attacks by cross-entropy; give the model without its softmax"))
    }
    if 10 * zeroGradients > gradients {
      warnings.append(
        EvaluationWarning(
          .zeroGradients,
          "\(Self.percent(zeroGradients, gradients)) of the input gradients are zero: there the attack stands still, and "
            + "robust accuracy is higher than the model is robust (large logits saturate the softmax)"))
    }
    if let text = attack.shortness { warnings.append(EvaluationWarning(.shortAttack, text)) }
    return warnings
  }

  private static func percent(_ part: Int64, _ whole: Int64) -> String {
    "\(Double((1000 * part + whole / 2) / whole) / 10) %"
  }

  /// A whole number that is larger for a larger logit, and its negative for the negative logit.
  private static func order(_ value: Float) -> Int64 {
    let magnitude = Int64(value.magnitude.bitPattern)
    return value.sign == .minus ? -magnitude : magnitude
  }
}
