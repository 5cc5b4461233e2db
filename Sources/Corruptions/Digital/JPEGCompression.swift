// Written as JPEG at a low quality, and read again: libjpeg with its defaults, colour halved both ways.

/// The marks of compression.
struct JPEGCompression: Corruption {
  static let name = "jpeg_compression"
  static let summary = "JPEG at a low quality"
  static let number = 15
  private let qualities = [80, 65, 58, 50, 40]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) throws -> ByteImage {
    try PictureFile.decode(jpeg: PictureFile.jpeg(image, quality: qualities[severity - 1]), from: "JPEG in memory")
  }
}
