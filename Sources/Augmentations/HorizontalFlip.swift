// A mirror image, left to right, with probability 1/2.

import Options
import Tensors

/// Mirrors half of the images.
package struct HorizontalFlip: AugmentationStep {
  package init() {}

  /// Whether it mirrors.
  package func mirrors(_ address: AugmentationAddress) -> Bool { address.stream(.flip).word(at: 0) >> 31 == 1 }

  package func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress) {
    if mirrors(address) { Self.mirror(canvas) }
  }

  package static func mirror(_ canvas: AugmentationCanvas) {
    let width = canvas.width
    for y in 0..<canvas.height {
      let (from, to) = (canvas.pixels + y * width * 3, canvas.spare + y * width * 3)
      for x in 0..<width { (to + x * 3).update(from: from + (width - 1 - x) * 3, count: 3) }
    }
    canvas.swap()
  }
}

extension AugmentationPart {
  static let flip = AugmentationPart([
    PartOption("augmentation.flip", .flag, true, "mirror half of the images")
  ]) { $0.value("augmentation.flip", .flag) ? HorizontalFlip() : nil }
}
