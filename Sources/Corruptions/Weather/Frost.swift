// c0·x + c1·texture in 0 ... 255: a window of one of five textures, all drawn at random.

/// Frost.
struct Frost: Corruption {
  static let name = "frost"
  static let summary = "ice on the lens"
  static let number = 18
  private let shares = [(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)]
  private let textures: FrostTextures

  init(_ textures: FrostTextures = .made) { self.textures = textures }

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let (c0, c1) = shares[severity - 1]
    let stream = draws.stream()
    let texture = textures.textures[stream.integer(below: textures.textures.count, at: 0)]
    let top = stream.integer(below: max(1, texture.height - image.height), at: 1)
    let left = stream.integer(below: max(1, texture.width - image.width), at: 2)
    var result = image
    for y in 0..<image.height {
      // Larger pictures see the texture mirrored.
      let row = Border.mirror.index(top + y, in: texture.height) * texture.width
      for x in 0..<image.width {
        let ice = (row + Border.mirror.index(left + x, in: texture.width)) * 3
        let pixel = (y * image.width + x) * 3
        for c in 0..<3 {
          let value = c0 * Double(image.bytes[pixel + c]) + c1 * Double(texture.bytes[ice + c])
          result.bytes[pixel + c] = UInt8(min(255, value))
        }
      }
    }
    return result
  }
}
