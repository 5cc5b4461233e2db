import Datasets
import Testing

@Suite struct AugmentationTests {
  /// One image of 3 rows and 4 columns whose red channel is 10 y + x, green 100 + red, blue 200.
  private let image = LabeledImages(
    height: 3, width: 4,
    pixels: (0..<12).flatMap { i -> [UInt8] in
      let red = UInt8(i / 4 * 10 + i % 4)
      return [red, 100 + red, 200]
    }, labels: [0])

  private func red(_ placement: Augmentation.Placement) -> [Int] {
    var out = [Float](repeating: -1, count: image.imageSize)
    out.withUnsafeMutableBufferPointer {
      Augmentation.write(0, of: image, at: placement, to: $0.baseAddress!)
    }
    for i in 0..<12 {
      #expect(out[3 * i + 2] == Float(200) / 255)
      #expect((out[3 * i + 1] * 255).rounded() == (out[3 * i] * 255).rounded() + 100)
    }
    return (0..<12).map { Int((out[3 * $0] * 255).rounded()) }
  }

  @Test func windowsOfReflectPadding() {
    #expect(red(.init(top: 0, left: 0, mirrored: false)) == [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23])
    #expect(red(.init(top: 0, left: 0, mirrored: true)) == [3, 2, 1, 0, 13, 12, 11, 10, 23, 22, 21, 20])
    // Rows -2 -1 0 are rows 2 1 0, columns 3 4 5 6 are columns 3 2 1 0: the edge is not repeated.
    #expect(red(.init(top: -2, left: 3, mirrored: false)) == [23, 22, 21, 20, 13, 12, 11, 10, 3, 2, 1, 0])
    // Rows 1 2 3 are 1 2 1, columns -1 0 1 2 are 1 0 1 2.
    #expect(red(.init(top: 1, left: -1, mirrored: false)) == [11, 10, 11, 12, 21, 20, 21, 22, 11, 10, 11, 12])
    // The window is cut first, then mirrored.
    #expect(red(.init(top: 1, left: -1, mirrored: true)) == [12, 11, 10, 11, 22, 21, 20, 21, 12, 11, 10, 11])
  }

  @Test func everyPlacementIsEquallyLikely() {
    let augmentation = Augmentation(crop: 4, flip: true)
    let n = 81 * 2 * 200
    var counts = [Int](repeating: 0, count: 162)
    for i in 0..<n {
      let p = augmentation.placement(seed: 5, epoch: i % 7, example: i)
      #expect(abs(p.top) <= 4 && abs(p.left) <= 4)
      counts[((p.top + 4) * 9 + p.left + 4) * 2 + (p.mirrored ? 1 : 0)] += 1
    }
    // 161 degrees of freedom: mean 161, deviation 18; 5 deviations on both sides.
    let chiSquared = counts.reduce(0.0) { $0 + (Double($1) - 200) * (Double($1) - 200) / 200 }
    #expect(abs(chiSquared - 161) < 90)
  }

  @Test func addressed() {
    let augmentation = Augmentation(crop: 4, flip: true)
    func all(seed: UInt64, epoch: Int) -> [Augmentation.Placement] {
      (0..<64).map { augmentation.placement(seed: seed, epoch: epoch, example: $0) }
    }
    #expect(all(seed: 1, epoch: 2) == all(seed: 1, epoch: 2))
    #expect(all(seed: 1, epoch: 2) != all(seed: 1, epoch: 3))
    #expect(all(seed: 1, epoch: 2) != all(seed: 2, epoch: 2))
    #expect(Set(all(seed: 1, epoch: 2).map(\.top)).count == 9)
    // One switch does not move the other's draws.
    let cropOnly = Augmentation(crop: 4, flip: false).placement(seed: 1, epoch: 2, example: 3)
    let both = augmentation.placement(seed: 1, epoch: 2, example: 3)
    #expect((cropOnly.top, cropOnly.left) == (both.top, both.left))
    #expect(
      Augmentation(crop: 0, flip: true).placement(seed: 1, epoch: 2, example: 3).mirrored == both.mirrored)
    #expect(Augmentation.none.placement(seed: 1, epoch: 2, example: 3) == .init(top: 0, left: 0, mirrored: false))
  }

  @Test func offIsTheImageItself() {
    var plain = [Float](repeating: -1, count: image.imageSize)
    var augmented = plain
    plain.withUnsafeMutableBufferPointer { image.write(0, to: $0.baseAddress!) }
    augmented.withUnsafeMutableBufferPointer {
      Augmentation.none.write(0, of: image, seed: 9, epoch: 4, to: $0.baseAddress!)
    }
    #expect(plain == augmented)
  }

  @Test func cropHasToFit() throws {
    try Augmentation(crop: 4, flip: true).check(height: 32, width: 32)
    expectFailure(.configuration, "augmentation.crop is 16", "16x24") {
      try Augmentation(crop: 16, flip: true).check(height: 16, width: 24)
    }
  }
}
