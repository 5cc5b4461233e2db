// The first layer of every network: x = (p − μ)/σ of the pixels of a pass, and its gradient dp = dx/σ.

import Kernels
import Tensors

/// The images of a pass, read behind the normalisation of the state last prepared.
struct PixelInput {
  private let height: Int, width: Int
  /// 1/σ, then −μ/σ, as long as a kernel's vector reads.
  private let normalisation = Tensor(Shape(n: 2, c: 16))
  private var images = Tensor(Shape(n: 0, c: 3))

  init(_ configuration: NetworkConfiguration) {
    height = configuration.height
    width = configuration.width
  }

  /// Takes the constants of a state.
  func prepare(_ constants: Normalisation) {
    for c in 0..<3 {
      normalisation.image(0)[c] = constants.scale(c)
      normalisation.image(1)[c] = constants.shift(c)
    }
  }

  /// Keeps the images of a pass, for its weight gradients too.
  mutating func take(_ images: Tensor) { self.images = images }

  /// Lays some images into frames of zeros.
  func load(_ range: Range<Int>, _ padded: UnsafeMutablePointer<Float>) {
    Padding.affine(
      images.image(range.lowerBound),
      ChannelAffine(scale: normalisation.image(0), shift: normalisation.image(1)), into: padded, images: range.count,
      height: height, width: width, channels: 3)
  }

  /// Makes dp of dx, in place.
  func finishGradient(_ dImages: Tensor, _ range: Range<Int>) {
    let out = dImages.image(range.lowerBound)
    for i in 0..<range.count * dImages.shape.imageCount { out[i] *= normalisation.image(0)[i % 3] }
  }
}
