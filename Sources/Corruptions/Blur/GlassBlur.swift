// A Gaussian filter, pixels taken from neighbours above and to the left (or kept), a Gaussian filter again.
//
// The authors mean to swap the two pixels; in their code both become the neighbour's, since it assigns through views of one
// array. The published images are so, and we follow them.

/// As seen through frosted glass; in the archive, not in the paper's tables.
struct GlassBlur: Corruption {
  static let name = "glass_blur"
  static let summary = "through rough glass (not in the paper's means)"
  static let number = 19
  private let shapes = [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let (sigma, reach, rounds) = shapes[severity - 1]
    var bytes = image.plane.blurred(sigma: sigma).image
    let width = bytes.width
    var draw = 0
    for round in 0..<rounds {
      let stream = draws.stream(round)
      draw = 0
      for y in stride(from: bytes.height - reach, to: reach, by: -1) {
        for x in stride(from: width - reach, to: reach, by: -1) {
          let dx = stream.integer(below: 2 * reach, at: draw) - reach
          let dy = stream.integer(below: 2 * reach, at: draw + 1) - reach
          draw += 2
          let (to, from) = ((y * width + x) * 3, ((y + dy) * width + x + dx) * 3)
          for c in 0..<3 { bytes.bytes[to + c] = bytes.bytes[from + c] }
        }
      }
    }
    return bytes.plane.blurred(sigma: sigma).image
  }
}
