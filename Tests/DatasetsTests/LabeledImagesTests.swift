import Datasets
import Testing

@Suite struct LabeledImagesTests {
  private let images = LabeledImages(
    height: 1, width: 1, pixels: [0, 1, 2, 3, 4, 5, 255, 128, 51], labels: [1, 258, 0])

  /// Python: hashlib.sha256(b"images 2 1 1 3\n" + struct.pack("<2i", 1, 258) + bytes(range(6)))
  @Test func digest() {
    #expect(images.prefix(2).digest == "2362820675575fbb248e85f0e2b78690cf8c93f7c8ed12454175ac4dda2c5574")
  }

  @Test func parts() {
    #expect(images.prefix(1).pixels == [0, 1, 2] && images.prefix(1).labels == [1])
    #expect(images.prefix(9) == images)
    let three = LabeledImages(height: 1, width: 1, pixels: [UInt8](repeating: 0, count: 9), labels: [0, 1, 0])
    #expect(three.classCounts(classes: 3) == [2, 1, 0])
  }

  @Test func bytesBecomeFloats() {
    var out = [Float](repeating: -1, count: 3)
    out.withUnsafeMutableBufferPointer { images.write(2, to: $0.baseAddress!) }
    #expect(out == [1, Float(128) / 255, 0.2])
  }

  /// Two pixels: red 0 and 255, green 51 and 153, blue constant.
  @Test func statistics() {
    let two = LabeledImages(height: 1, width: 2, pixels: [0, 51, 77, 255, 153, 77], labels: [0])
    let measured = ChannelStatistics(measuring: two)
    #expect(measured.mean == [0.5, 0.4, Float(77.0 / 255)])
    #expect(measured.standardDeviation == [0.5, 0.2, 1])
  }
}
