import Corruptions
import Failures
import Tensors
import Testing

/// Pictures from files, of anybody.
@Suite struct PictureFileTests {
  private static let pixels = (0..<12 * 10 * 3).map { UInt8(truncatingIfNeeded: $0 * 37) }
  private static let image = ByteImage(height: 12, width: 10, bytes: pixels)

  @Test func coloursOfPNG() throws {
    let rgb = PNG.file(Self.pixels, height: 12, width: 10, channels: 3)
    #expect(try PictureFile.decode(rgb, from: "x") == Self.image)
  }

  /// Whatever the alpha is, the colour is that below it.
  @Test func alphaIsDropped() throws {
    var rgba: [UInt8] = []
    for i in 0..<120 { rgba += Self.pixels[3 * i..<3 * i + 3] + [UInt8(i)] }
    #expect(try PictureFile.decode(PNG.file(rgba, height: 12, width: 10, channels: 4), from: "x") == Self.image)
  }

  @Test func greyIsThreeTimesTheSame() throws {
    let grey = Array(Self.pixels[..<120])
    let image = try PictureFile.decode(PNG.file(grey, height: 12, width: 10, channels: 1), from: "x")
    #expect(image.bytes == grey.flatMap { [$0, $0, $0] })
  }

  @Test func otherFilesAreRefused() {
    let tooWide = PNG.file([UInt8](repeating: 1, count: 5000), height: 1, width: 5000, channels: 1)
    let files: [[UInt8]] = [[], Array("BM".utf8), [0x89], [0xFF, 0xD8], tooWide]
    for bytes in files {
      #expect { try PictureFile.decode(bytes, from: "the file") } throws: { error in
        (error as? Failure)?.code == .badData && "\(error)".contains("the file") && !"\(error)".contains("\n")
      }
    }
  }

  /// Damages of every kind: read or refused, nothing else.
  @Test(arguments: ["jpeg", "png"]) func damagedFiles(kind: String) throws {
    let whole =
      try kind == "jpeg"
      ? PictureFile.jpeg(Self.image, quality: 70) : PNG.file(Self.pixels, height: 12, width: 10, channels: 3)
    var refused = 0
    for number in 0..<2000 {
      let stream = RandomStream(seed: 0, purpose: .test, example: number)
      var bytes = whole
      for change in 0..<1 + stream.integer(below: 4, at: 0) {
        bytes[1 + stream.integer(below: bytes.count - 1, at: 3 * change + 1)] = UInt8(
          stream.word(at: 3 * change + 2) >> 24)
      }
      if number % 3 == 0 { bytes.removeLast(stream.integer(below: bytes.count, at: 20)) }
      do {
        _ = try PictureFile.decode(bytes, from: kind)
      } catch is Failure {
        refused += 1
      }
    }
    #expect(refused > 500)
  }
}
