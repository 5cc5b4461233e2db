// A small smooth classifier with logits that can be differentiated by hand:
//
//   z_k = Σ_i (w_ki · x_i + ½ · q_ki · x_i²),    dz_k/dx_i = w_ki + q_ki · x_i.

import Classification
import Oracle
import Tensors

/// A classifier that treats each example by itself; linear where its curvature is 0.
final class QuadraticClassifier: DifferentiableClassifier {
  let classCount: Int
  private(set) var calls = 0
  private let w: [Float], q: [Float]
  private let count: Int
  private var images: Tensor?

  /// `count` is the number of elements of an image.
  init(classes: Int, count: Int, curvature: Float) {
    classCount = classes
    self.count = count
    let data = OracleData(seed: 31)
    w = data.values([classes, count], number: 1).values.map(Float.init)
    q = data.values([classes, count], number: 2).values.map { Float($0) * curvature }
  }

  func logits(of images: Tensor) -> Tensor {
    calls += 1
    self.images = images
    let logits = Tensor(Shape(n: images.shape.n, c: classCount))
    for n in 0..<images.shape.n {
      let x = images.image(n)
      for k in 0..<classCount {
        var z: Float = 0
        for i in 0..<count { z += (w[k * count + i] + 0.5 * q[k * count + i] * x[i]) * x[i] }
        logits.image(n)[k] = z
      }
    }
    return logits
  }

  func imageGradient(of dLogits: Tensor) -> Tensor {
    let images = images!
    let dx = Tensor(images.shape)
    for n in 0..<images.shape.n {
      for k in 0..<classCount {
        let dz = dLogits.image(n)[k]
        for i in 0..<count { dx.image(n)[i] += dz * (w[k * count + i] + q[k * count + i] * images.image(n)[i]) }
      }
    }
    return dx
  }
}
