// The common corruptions of CIFAR-10-C and CIFAR-100-C (Hendrycks, Dietterich 2019; the authors' make_cifar_c.py), each
// at five severities. Their constants are for pictures of 32 x 32; on others they are used as they are.
//
// What the authors leave to libraries (OpenCV, scikit-image, ImageMagick, Pillow) is written out here; the published
// files were drawn with random numbers of their own and cannot be made again to the bit.

/// What becomes of a picture under a corruption.
package protocol Corruption: Sendable {
  /// The name of its file, without `.npy`.
  static var name: String { get }
  /// A line for the user.
  static var summary: String { get }
  /// Its part of the address of random numbers: never renumber.
  static var number: Int { get }

  /// The corrupted picture.
  ///
  /// - Parameter severity: 1 ... 5.
  /// - Throws: `Failure` where a library or memory fails.
  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) throws -> ByteImage
}

extension Corruption {
  package var name: String { Self.name }
  package var summary: String { Self.summary }
  package var number: Int { Self.number }
}

/// The severities there are.
package enum Severity {
  package static let all = 1...5
}
