// Adversaries that were found before, judged again: of this program, or of any other.

import Attacks
import Classification
import Datasets
import Failures
import Tensors

/// Takes the candidate of each example from an array (N, H, W, 3) of pixels in [0, 1].
package struct StoredAdversaries: Attack {
  private let file: NPYFile
  private let imageSize: Int

  /// - Throws: `Failure(.badData)` for an array of another type or shape than that of images of `data`.
  package init(_ path: String, for data: LabeledImages) throws {
    file = try NPYFile(path)
    imageSize = data.imageSize
    guard file.shape.count == 4, Array(file.shape.dropFirst()) == [data.height, data.width, 3] else {
      throw Failure(
        .badData,
        "\(path) has the shape \(file.shape): adversaries of \(data.height) x \(data.width) pixels are (N, "
          + "\(data.height), \(data.width), 3)")
    }
    guard file.shape[0] >= data.count else {
      throw Failure(
        .badData,
        "\(path) has adversaries of \(file.shape[0]) images, and \(data.count) are judged: take as many by --limit "
          + "\(file.shape[0])")
    }
    _ = try file.floats(rows: 0..<0)
  }

  package func passes(classes: Int) -> AttackPasses { AttackPasses(forward: 0) }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    for n in problem.active {
      let example = problem.random.examples[n]
      let image = try file.floats(rows: example..<example + 1)
      problem.adversarial.image(n).update(from: image, count: imageSize)
    }
  }

  /// Looks whether all of them lie where they may, to the roundings of their pixels.
  ///
  /// - Throws: `Failure(.badData)` naming the one that lies farthest outside.
  package func check(_ data: LabeledImages, _ norm: Norm, epsilon: Float) throws {
    let threat = ThreatModel(norm, epsilon: [epsilon])
    // What the sums of pixels and changes lose.
    let rounding = threat.rounding(count: imageSize)
    var (outside, farthest, which) = (0, Float(0), 0)
    let original = Tensor(Shape(n: 1, h: data.height, w: data.width, c: 3))
    for n in 0..<data.count {
      data.write(n, to: original.pointer)
      let image = try file.floats(rows: n..<n + 1)
      if let pixel = image.first(where: { !(0...1).contains($0) }) {
        throw Failure(
          .badData, "\(file.path): image \(n) has a pixel of \(pixel): adversaries have pixels in 0...1, as floats")
      }
      let distance = threat.distance(image, original.pointer, count: imageSize)
      if distance > epsilon + rounding { outside += 1 }
      if distance > farthest { (farthest, which) = (distance, n) }
    }
    guard outside == 0 else {
      throw Failure(
        .badData,
        "\(file.path): \(outside) of \(data.count) images lie outside the ball: image \(which) is "
          + "\(norm.text(farthest)) away, epsilon is \(norm.text(epsilon)); are they adversaries of these images, in "
          + "this order, within another --epsilon or --norm?")
    }
  }
}
