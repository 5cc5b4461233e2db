// Random crop from a padded image.
//
// Padding by p reflects at the edge pixel without repeating it: row -1 is row 1, row H is row H - 2 (Rice, Wong, Kolter 2020;
// CFA; FAIR-TAT), or is black (TRADES, FRL, WAT, DAFA; the light recipe of Debenedetti et al. 2023).

import Failures
import Options
import Tensors

/// A window of the image's own size, anywhere in the padded image.
package struct RandomCrop: AugmentationStep {
  /// What is around the image.
  package enum Padding: String, CaseIterable, Sendable { case reflect, zeros }

  /// Rows and columns of padding, 1 and more.
  package let size: Int
  package let padding: Padding

  package init(_ size: Int, _ padding: Padding = .reflect) {
    precondition(size > 0)
    self.size = size
    self.padding = padding
  }

  package func check(height: Int, width: Int) throws {
    guard padding == .zeros || size < min(height, width) else {
      throw Failure(
        .configuration,
        "augmentation.crop is \(size): to reflect so much it must be below the images' size, \(height)x\(width); lower it, or "
          + "set augmentation.padding to zeros")
    }
  }

  /// The row and column of the image, -size ... size, that become row and column 0.
  package func place(_ address: AugmentationAddress) -> (top: Int, left: Int) {
    let stream = address.stream(.crop)
    return (
      stream.integer(below: 2 * size + 1, at: 0) - size, stream.integer(below: 2 * size + 1, at: 1) - size
    )
  }

  package func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress) {
    let (top, left) = place(address)
    Self.cut(canvas, top: top, left: left, padding)
  }

  /// Cuts the window whose first row and column these are.
  package static func cut(_ canvas: AugmentationCanvas, top: Int, left: Int, _ padding: Padding) {
    let (height, width) = (canvas.height, canvas.width)
    var to = canvas.spare
    for y in 0..<height {
      let row = source(y + top, height, padding)
      for x in 0..<width {
        if let row, let column = source(x + left, width, padding) {
          to.update(from: canvas.pixels + (row * width + column) * 3, count: 3)
        } else {
          to.update(repeating: 0, count: 3)
        }
        to += 3
      }
    }
    canvas.swap()
  }

  /// The index inside 0 ..< count that stands at one outside of it; nil where nothing does.
  private static func source(_ i: Int, _ count: Int, _ padding: Padding) -> Int? {
    if i >= 0 && i < count { return i }
    return padding == .zeros ? nil : i < 0 ? -i : 2 * (count - 1) - i
  }
}

extension AugmentationPart {
  static let crop = AugmentationPart([
    PartOption("augmentation.crop", .whole(0...31), 4, "random crop: padding, pixels; 0: none"),
    PartOption(
      "augmentation.padding", FieldCodec<RandomCrop.Padding>.choice, .reflect,
      "what it pads with: reflect (at the edge), zeros"),
  ]) { values in
    let size = values.whole("augmentation.crop")
    return size > 0 ? RandomCrop(size, values.value("augmentation.padding", .choice)) : nil
  }
}
