// A picture as a PNG in a page. The data is stored as it is, in the blocks of RFC 1951, section 3.2.4: pictures here are a few kilobytes.

import Checkpoints
import Foundation

/// RGB of 8 bits a channel as PNG (ISO/IEC 15948).
enum PNGPicture {
  /// - Parameter pixels: H x W x 3 bytes.
  static func file(_ pixels: [UInt8], height: Int, width: Int) -> [UInt8] {
    precondition(pixels.count == height * width * 3, "bytes of a picture")
    var rows: [UInt8] = []
    for y in 0..<height {
      // Each row begins with its filter: none.
      rows.append(0)
      rows += pixels[3 * y * width..<3 * (y + 1) * width]
    }
    var header: [UInt8] = big(UInt32(width))
    header += big(UInt32(height))
    // 8 bits a channel, RGB, deflate, the one filter method, no interlace.
    header += [8, 2, 0, 0, 0] as [UInt8]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]
    for (name, data) in [("IHDR", header), ("IDAT", zlib(rows)), ("IEND", [])] { file += chunk(name, data) }
    return file
  }

  /// An element of a page that shows it, `size` wide.
  ///
  /// - Parameter title: for those who cannot see it.
  static func markup(_ pixels: [UInt8], height: Int, width: Int, title: String, size: Int = 96) -> Markup {
    let data = Data(file(pixels, height: height, width: width)).base64EncodedString()
    return """
      <img class="pixels" width="\(size)" height="\(size * height / max(1, width))" alt="\(title)" title="\(title)" \
      src="data:image/png;base64,\(data)"/>
      """
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body: [UInt8] = Array(name.utf8) + data
    var chunk = big(UInt32(data.count))
    chunk += body
    chunk += big(CRC32.of(body))
    return chunk
  }

  /// RFC 1950: two bytes of header, stored blocks of at most 65,535 bytes, Adler-32.
  private static func zlib(_ data: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x78, 0x01]
    for first in stride(from: 0, to: data.count, by: 65_535) {
      let block = data[first..<min(data.count, first + 65_535)]
      let length: [UInt8] = [UInt8(block.count & 255), UInt8(block.count >> 8)]
      bytes.append(block.endIndex == data.count ? 1 : 0)
      bytes += length
      bytes += length.map { ~$0 }
      bytes += block
    }
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in data {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return bytes + big(high << 16 | low)
  }

  private static func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
