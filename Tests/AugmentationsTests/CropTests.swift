import Augmentations
import Datasets
import Failures
import Testing

@Suite struct CropTests {
  /// One image of 3 rows and 4 columns whose red channel is 10 y + x, green 100 + red, blue 200.
  private let image = LabeledImages(
    height: 3, width: 4,
    pixels: (0..<12).flatMap { i -> [UInt8] in
      let red = UInt8(i / 4 * 10 + i % 4)
      return [red, 100 + red, 200]
    }, labels: [0])

  private func red(_ top: Int, _ left: Int, _ padding: RandomCrop.Padding = .reflect, mirrored: Bool = false) -> [Int] {
    let canvas = AugmentationCanvas(height: 3, width: 4)
    image.pixels.withUnsafeBufferPointer { canvas.load($0.baseAddress!) }
    RandomCrop.cut(canvas, top: top, left: left, padding)
    if mirrored { HorizontalFlip.mirror(canvas) }
    return (0..<12).map { i in
      let (red, green, blue) = (canvas.pixels[3 * i], canvas.pixels[3 * i + 1], canvas.pixels[3 * i + 2])
      #expect(blue == 200 && green == 100 + red || padding == .zeros && [red, green, blue] == [0, 0, 0])
      return Int(red)
    }
  }

  @Test func windowsOfReflectPadding() {
    #expect(red(0, 0) == [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23])
    #expect(red(0, 0, mirrored: true) == [3, 2, 1, 0, 13, 12, 11, 10, 23, 22, 21, 20])
    // Rows -2 -1 0 are rows 2 1 0, columns 3 4 5 6 are columns 3 2 1 0: the edge is not repeated.
    #expect(red(-2, 3) == [23, 22, 21, 20, 13, 12, 11, 10, 3, 2, 1, 0])
    // Rows 1 2 3 are 1 2 1, columns -1 0 1 2 are 1 0 1 2.
    #expect(red(1, -1) == [11, 10, 11, 12, 21, 20, 21, 22, 11, 10, 11, 12])
    // The window is cut first, then mirrored.
    #expect(red(1, -1, mirrored: true) == [12, 11, 10, 11, 22, 21, 20, 21, 12, 11, 10, 11])
  }

  @Test func windowsOfBlackPadding() {
    #expect(red(1, -1, .zeros) == [0, 10, 11, 12, 0, 20, 21, 22, 0, 0, 0, 0])
    #expect(red(-2, 3, .zeros) == [0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])
    // Wider than the image, which a mirror cannot be.
    #expect(red(5, 0, .zeros) == [Int](repeating: 0, count: 12))
  }

  @Test func everyPlacementIsEquallyLikely() {
    let (crop, flip) = (RandomCrop(4), HorizontalFlip())
    let n = 81 * 2 * 200
    var counts = [Int](repeating: 0, count: 162)
    for address in addresses(n) {
      let (top, left) = crop.place(address)
      #expect(abs(top) <= 4 && abs(left) <= 4)
      counts[((top + 4) * 9 + left + 4) * 2 + (flip.mirrors(address) ? 1 : 0)] += 1
    }
    // 161 degrees of freedom: mean 161, deviation 18; 5 deviations on both sides.
    let chiSquared = counts.reduce(0.0) { $0 + (Double($1) - 200) * (Double($1) - 200) / 200 }
    #expect(abs(chiSquared - 161) < 90)
  }

  @Test func addressed() {
    let crop = RandomCrop(4)
    func all(seed: UInt64, epoch: Int) -> [[Int]] {
      (0..<64).map {
        let place = crop.place(AugmentationAddress(seed: seed, epoch: epoch, example: $0))
        return [place.top, place.left]
      }
    }
    #expect(all(seed: 1, epoch: 2) == all(seed: 1, epoch: 2))
    #expect(all(seed: 1, epoch: 2) != all(seed: 1, epoch: 3))
    #expect(all(seed: 1, epoch: 2) != all(seed: 2, epoch: 2))
    #expect(Set(all(seed: 1, epoch: 2).map { $0[0] }).count == 9)
  }

  @Test func cropHasToFit() throws {
    try RandomCrop(4).check(height: 32, width: 32)
    try RandomCrop(16, .zeros).check(height: 16, width: 24)
    let failure = #expect(throws: Failure.self) { try RandomCrop(16).check(height: 16, width: 24) }
    #expect(failure?.code == .configuration)
    let parts = ["augmentation.crop is 16", "16x24", "lower it, or set augmentation.padding to zeros"]
    for part in parts { #expect(failure?.message.contains(part) == true) }
  }
}
