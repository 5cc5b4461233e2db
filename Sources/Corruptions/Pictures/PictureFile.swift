// JPEG and PNG, by libjpeg and libpng (`CPictures`).

import CPictures
import Failures

/// Reading and writing pictures.
package enum PictureFile {
  /// A baseline JPEG of a picture at a quality of 1 ... 100.
  ///
  /// - Throws: `Failure(.internal)` where memory is short.
  package static func jpeg(_ image: ByteImage, quality: Int) throws -> [UInt8] {
    var data: UnsafeMutablePointer<UInt8>?
    var size = 0
    try Self.call(.internal, "cannot write a JPEG in memory") { message, length in
      pictures_encode_jpeg(
        image.bytes, Int32(image.width), Int32(image.height), Int32(quality), &data, &size, message, length)
    }
    // The library's block, freed when it is copied.
    defer { pictures_free(data) }
    return Array(UnsafeBufferPointer(start: data, count: size))
  }

  /// The picture in a JPEG.
  ///
  /// - Parameter name: what an error calls it.
  /// - Throws: `Failure(.badData)` where it is none, or damaged.
  package static func decode(jpeg bytes: [UInt8], from name: String) throws -> ByteImage {
    try decode(bytes, from: name, pictures_decode_jpeg)
  }

  /// The picture in a JPEG or PNG, by what it begins with.
  ///
  /// - Parameter name: what an error calls it.
  /// - Throws: `Failure(.badData)` where it is neither, or damaged.
  package static func decode(_ bytes: [UInt8], from name: String) throws -> ByteImage {
    switch bytes.first {
    case 0xFF: return try decode(bytes, from: name, pictures_decode_jpeg)
    case 0x89: return try decode(bytes, from: name, pictures_decode_png)
    default: throw Failure(.badData, "\(name) is neither a JPEG nor a PNG")
    }
  }

  private typealias Decoder = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, UnsafeMutablePointer<Int32>?,
    UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<CChar>?, Int
  ) -> Int32

  private static func decode(_ bytes: [UInt8], from name: String, _ decoder: Decoder) throws -> ByteImage {
    var pixels: UnsafeMutablePointer<UInt8>?
    var (width, height): (Int32, Int32) = (0, 0)
    try call(.badData, "cannot read \(name)") { message, length in
      decoder(bytes, bytes.count, &pixels, &width, &height, message, length)
    }
    // The library's block, freed when it is copied.
    defer { pictures_free(pixels) }
    return ByteImage(
      height: Int(height), width: Int(width),
      bytes: Array(UnsafeBufferPointer(start: pixels, count: Int(height) * Int(width) * 3)))
  }

  private static func call(
    _ code: ExitCode, _ what: String, _ body: (UnsafeMutablePointer<CChar>?, Int) -> Int32
  ) throws {
    var message = [CChar](repeating: 0, count: 256)
    guard body(&message, message.count) == 0 else {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw Failure(code, "\(what): \(text)")
    }
  }
}
