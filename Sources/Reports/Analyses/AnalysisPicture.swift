// An image, its adversary, and what was changed.

/// Pictures of one example; each is H x W x 3 bytes, red green blue.
package struct AnalysisPicture: Equatable, Sendable {
  /// Its place in the test set.
  package let example: Int
  package let height: Int, width: Int
  package let clean: [UInt8], adversarial: [UInt8]
  /// The change times `gain` around grey.
  package let difference: [UInt8]

  /// How much larger than it is a change is shown.
  package static let gain = 10

  package init(
    example: Int, height: Int, width: Int, clean: [UInt8], adversarial: [UInt8], difference: [UInt8]
  ) {
    precondition([clean, adversarial, difference].allSatisfy { $0.count == height * width * 3 }, "bytes of a picture")
    self.example = example
    self.height = height
    self.width = width
    self.clean = clean
    self.adversarial = adversarial
    self.difference = difference
  }

  /// The byte of a pixel in [0, 1].
  package static func byte(_ pixel: Float) -> UInt8 { UInt8(min(max(255 * pixel, 0), 255).rounded()) }

  /// The byte that shows the change of a pixel.
  package static func byte(change: Float) -> UInt8 { byte(0.5 + Float(gain) * change) }
}
