// Targets by sample-wise confusion: the prior of an example is the model's own softmax on its last adversary, without the
// label.
//
//   P(t = k | x) = p_k(x'_last) / (1 - p_y(x'_last)),  k != y
//
// FAIR-TAT (arXiv 2410.23142) draws by class and names this as future work; the construction is ours. An example that has no
// adversary yet draws uniformly.

import Fairness
import Tensors

/// What the model last took the adversary of each training example for; the same on every rank.
package struct SampleConfusion: Sendable {
  /// (N, K); all zero for an example that was not attacked yet.
  package let probabilities: Tensor

  package init(examples: Int, classes: Int) { probabilities = Tensor(Shape(n: examples, c: classes)) }

  /// The probabilities of an example.
  private func row(_ example: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: probabilities.image(example), count: probabilities.shape.c)
  }

  /// A target other than the label.
  ///
  /// - Parameter uniform: a uniform number in [0, 1).
  package func target(of example: Int, label: Int, uniform: Double) -> Int {
    TargetPrior.draw(row(example), label: label, uniform: uniform)
  }

  /// Takes in the probabilities of an example.
  package func store(_ values: UnsafePointer<Float>, of example: Int) {
    probabilities.image(example).update(from: values, count: probabilities.shape.c)
  }

  /// What targets are drawn from on average, the label of each example left out, over the examples that were attacked;
  /// uniform where none was.
  ///
  /// - Parameters:
  ///   - examples: those that count, in an order that every rank has.
  ///   - label: of an example.
  package func mean(of examples: some Sequence<Int>, label: (Int) -> Int) -> TargetPrior {
    let classes = probabilities.shape.c
    var sums = [Double](repeating: 0, count: classes)
    for example in examples {
      let (row, label) = (row(example), label(example))
      var rest = 0.0
      for k in 0..<classes where k != label { rest += Double(row[k]) }
      guard rest > 0 else { continue }
      for k in 0..<classes where k != label { sums[k] += Double(row[k]) / rest }
    }
    let total = sums.reduce(0, +)
    return total > 0 ? TargetPrior(probabilities: sums.map { $0 / total }) : .uniform(classCount: classes)
  }

  /// What no run can have stored, in a few words; nil where all is well.
  package var fault: String? {
    for example in 0..<probabilities.shape.n {
      let row = row(example)
      let sum = row.reduce(0) { $0 + Double($1) }
      let isPrior = row.allSatisfy { (0...1.0001).contains($0) } && (sum == 0 || abs(sum - 1) < 1e-3)
      if !isPrior { return "the probabilities of example \(example) are none" }
    }
    return nil
  }
}
