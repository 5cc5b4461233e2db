// What frost looks like: the authors' five pictures, where the user has them, or five that the program makes.
//
// Of a picture every fifth pixel of every fifth row is taken, from number 2 on: that is what bilinear shrinking to a fifth, as
// the authors do it with OpenCV, comes to, since its sampling points 5·i + 2 lie on pixels.

import Digests
import Failures
import Foundation

/// Five textures.
struct FrostTextures: Sendable {
  let textures: [ByteImage]
  /// `made`, or the digest of the pictures.
  let origin: String

  /// The program's own, in the sizes of the authors'.
  static let made = FrostTextures(
    textures: [(120, 180), (63, 112), (63, 112), (70, 105), (99, 132)].enumerated().map { number, size in
      FrostCrystals.texture(height: size.0, width: size.1, number: number)
    }, origin: "made")

  private init(textures: [ByteImage], origin: String) {
    self.textures = textures
    self.origin = origin
  }

  /// `frost1` to `frost5`, each as .png, .jpg or .jpeg, in a folder.
  ///
  /// - Throws: `Failure(.badData)` for one that is missing, no picture, or too small.
  init(folder: String) throws {
    var textures: [ByteImage] = []
    var sha = SHA256()
    for number in 1...5 {
      let names = ["png", "jpg", "jpeg"].map { "\(folder)/frost\(number).\($0)" }
      guard let name = names.first(where: { FileManager.default.fileExists(atPath: $0) }),
        let data = FileManager.default.contents(atPath: name)
      else {
        throw Failure(
          .badData, "no frost\(number).png or frost\(number).jpg in \(folder): --frost takes the five original textures"
        )
      }
      let picture = try PictureFile.decode(Array(data), from: name)
      guard min(picture.height, picture.width) >= 5 * 33 else {
        throw Failure(
          .badData,
          "\(name) has \(picture.width) x \(picture.height) pixels: a texture of frost has at least 165 a side")
      }
      data.withUnsafeBytes { sha.update($0) }
      textures.append(Self.fifth(of: picture))
    }
    self.init(textures: textures, origin: sha.hex())
  }

  private static func fifth(of picture: ByteImage) -> ByteImage {
    let (height, width) = (picture.height / 5, picture.width / 5)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(height * width * 3)
    for y in 0..<height {
      for x in 0..<width {
        let from = ((5 * y + 2) * picture.width + 5 * x + 2) * 3
        bytes += picture.bytes[from..<from + 3]
      }
    }
    return ByteImage(height: height, width: width, bytes: bytes)
  }
}
