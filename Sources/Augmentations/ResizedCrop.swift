// Random resized crop (Szegedy et al.: Going deeper with convolutions. CVPR 2015), as torchvision's RandomResizedCrop:
//
//   area    U(s_0, s_1) · H·W,   aspect a = exp U(log r_0, log r_1)
//   window  w = round √(area·a),  h = round √(area / a),  anywhere in the image, the first of ten tries that fits into it;
//           else the largest in the middle whose aspect is in r_0 ... r_1
//   image   the window, resized to H x W by PIL's bicubic filter (BicubicFilter.swift)

import Options
import Tensors

/// A window of another size, resized to the image's.
package struct ResizedCrop: AugmentationStep {
  /// Parts of the image's area, least and largest.
  package let scale: ClosedRange<Double>
  /// Width over height.
  package let ratio: ClosedRange<Double>
  private let logarithms: (Double, Double)

  package init(scale: ClosedRange<Double>, ratio: ClosedRange<Double>) {
    self.scale = scale
    self.ratio = ratio
    logarithms = (Logarithm.value(ratio.lowerBound), Logarithm.value(ratio.upperBound))
  }

  /// Part of an image.
  package struct Window: Equatable, Sendable {
    package var top: Int, left: Int, height: Int, width: Int

    package init(top: Int, left: Int, height: Int, width: Int) {
      (self.top, self.left, self.height, self.width) = (top, left, height, width)
    }
  }

  private static let tries = 10

  /// What an example gets of an image of H x W.
  package func window(height: Int, width: Int, _ address: AugmentationAddress) -> Window {
    let stream = address.stream(.resizedCrop)
    for attempt in 0..<Self.tries {
      let words = stream.words(block: attempt)
      let area = mix(scale.lowerBound, scale.upperBound, words[0]) * Double(height * width)
      let aspect = Exponential.ofAny(mix(logarithms.0, logarithms.1, words[1]))
      let w = Int((area * aspect).squareRoot().rounded(.toNearestOrEven))
      let h = Int((area / aspect).squareRoot().rounded(.toNearestOrEven))
      guard w > 0, h > 0, w <= width, h <= height else { continue }
      return Window(
        top: stream.integer(below: height - h + 1, at: 4 * attempt + 2),
        left: stream.integer(below: width - w + 1, at: 4 * attempt + 3), height: h, width: w)
    }
    var (h, w) = (height, width)
    let own = Double(width) / Double(height)
    if own < ratio.lowerBound {
      h = max(1, Int((Double(width) / ratio.lowerBound).rounded(.toNearestOrEven)))
    } else if own > ratio.upperBound {
      w = max(1, Int((Double(height) * ratio.upperBound).rounded(.toNearestOrEven)))
    }
    return Window(top: (height - h) / 2, left: (width - w) / 2, height: h, width: w)
  }

  package func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress) {
    BicubicFilter.resize(window(height: canvas.height, width: canvas.width, address), of: canvas)
  }
}

/// Between two numbers, by a word.
func mix(_ a: Double, _ b: Double, _ word: UInt32) -> Double { a + (b - a) * (Double(word) * 0x1p-32) }

extension AugmentationPart {
  static let resizedCrop = AugmentationPart([
    PartOption(
      "augmentation.resize-scale", FieldCodec<[Real]>.interval(0.01...100).optional("none"), nil,
      "random resized crop: part of the area, least and largest; none: no such crop"),
    PartOption(
      "augmentation.resize-ratio", FieldCodec<[Real]>.interval(0.01...100), ["3/4", "4/3"],
      "its width over its height, least and largest"),
  ]) { values in
    let scale: [Real]? = values.value(
      "augmentation.resize-scale", FieldCodec<[Real]>.interval(0.01...100).optional("none"))
    let ratio: [Real] = values.value("augmentation.resize-ratio", .interval(0.01...100))
    guard let scale else { return nil }
    return ResizedCrop(scale: scale[0].value...scale[1].value, ratio: ratio[0].value...ratio[1].value)
  }
}
