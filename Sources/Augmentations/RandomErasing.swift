// Random erasing (Zhong, Zheng, Kang, Li, Yang: Random erasing data augmentation. AAAI 2020), as timm's with pixels in [0, 1], the form of
// Debenedetti et al. (2023): with probability p one box becomes noise,
//
//   area   U(0.02, 1/3) · H·W,   aspect a = exp U(log 0.3, log 1/0.3)
//   box    h = round √(area·a),  w = round √(area / a),  anywhere in the image, the first of ten tries that is smaller than it
//          in both extents; else none
//   noise  N(1/2, 1/4) truncated to [0, 1], each number by itself

import Options
import Tensors

/// A box of noise.
package struct RandomErasing: AugmentationStep {
  /// p, above 0.
  package let probability: Float

  package init(_ probability: Float) { self.probability = probability }

  package static let areas = (0.02, 1.0 / 3)
  private static let logarithm = Logarithm.value(1 / 0.3)
  private static let tries = 10

  /// The box of an example in an image of H x W; nil where nothing is erased.
  package func box(height: Int, width: Int, _ address: AugmentationAddress) -> ResizedCrop.Window? {
    let stream = address.stream(.erasing)
    guard stream.uniform(at: 0) < probability else { return nil }
    for attempt in 1...Self.tries {
      let words = stream.words(block: attempt)
      let area = mix(Self.areas.0, Self.areas.1, words[0]) * Double(height * width)
      let aspect = Exponential.ofAny(mix(-Self.logarithm, Self.logarithm, words[1]))
      let h = Int((area * aspect).squareRoot().rounded(.toNearestOrEven))
      let w = Int((area / aspect).squareRoot().rounded(.toNearestOrEven))
      guard h < height, w < width else { continue }
      return ResizedCrop.Window(
        top: stream.integer(below: height - h + 1, at: 4 * attempt + 2),
        left: stream.integer(below: width - w + 1, at: 4 * attempt + 3), height: h, width: w)
    }
    return nil
  }

  package func change(
    _ pixels: UnsafeMutablePointer<Float>, height: Int, width: Int, _ address: AugmentationAddress
  ) {
    guard let box = box(height: height, width: width, address) else { return }
    let row = box.width * 3
    // [0, 1] are two deviations on either side of the mean.
    address.stream(.erasing, variant: 1).forEachWord(box.height * row) { i, word in
      let to = pixels + ((box.top + i / row) * width + box.left) * 3
      to[i % row] = min(max(0.5 + 0.25 * RandomStream.normalWithinTwo(word), 0), 1)
    }
  }
}

extension AugmentationPart {
  static let erasing = AugmentationPart([
    PartOption("augmentation.erasing", .unit, "0", "random erasing: how often a box becomes noise; 0: never")
  ]) { values in
    let probability = values.real("augmentation.erasing").float
    return probability > 0 ? RandomErasing(probability) : nil
  }
}
