/// A PNG of 8 bits a channel whose data is stored as it is: signature, header, one block of data, end.
enum PNG {
  /// - Parameter channels: 1 grey, 3 RGB, 4 RGB and alpha.
  static func file(_ pixels: [UInt8], height: Int, width: Int, channels: Int) -> [UInt8] {
    var rows: [UInt8] = []
    for y in 0..<height {
      rows.append(0)
      rows += pixels[y * width * channels..<(y + 1) * width * channels]
    }
    let colour: UInt8 = channels == 1 ? 0 : channels == 3 ? 2 : 6
    let header: [UInt8] = big(UInt32(width)) + big(UInt32(height)) + [8, colour, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]
    for (name, data) in [("IHDR", header), ("IDAT", zlib(rows)), ("IEND", [])] { file += chunk(name, data) }
    return file
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return big(UInt32(data.count)) + body + big(crc(body))
  }

  /// Stored blocks and the sum of Adler.
  private static func zlib(_ data: [UInt8]) -> [UInt8] {
    var (bytes, at): ([UInt8], Int) = ([0x78, 1], 0)
    repeat {
      let count = min(65_535, data.count - at)
      let length = [UInt8(count & 255), UInt8(count >> 8)]
      bytes += [at + count == data.count ? 1 : 0] + length + length.map { ~$0 } + data[at..<at + count]
      at += count
    } while at < data.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in data {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return bytes + big(b << 16 | a)
  }

  private static func crc(_ data: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private static func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
