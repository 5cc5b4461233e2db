// The load stage: borders exactly zero, the affine map within its two roundings, the rectifier as the masks say.

import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct PaddingTests {
  static let shapes = [(1, 4, 4, 3), (2, 2, 6, 8), (3, 8, 4, 16), (2, 4, 4, 24), (1, 2, 2, 48), (2, 4, 2, 40)]

  @Test(arguments: shapes) func transforms(images: Int, height: Int, width: Int, channels: Int) {
    let data = OracleData(seed: 5)
    let x = Tensor(pictures: data.values([images, channels, height, width], number: 1))
    let (scale, shift) = (
      Tensor(rows: data.values([channels], number: 2)), Tensor(rows: data.values([channels], number: 3))
    )
    let affine = ChannelAffine(scale: scale.pointer, shift: shift.pointer)
    let frame = Shape(n: images, h: height + 2, w: width + 2, c: channels)
    let (copied, mapped, rectified) = (Guarded(frame), Guarded(frame), Guarded(frame))
    Padding.copy(
      x.pointer, into: copied.tensor.pointer, images: images, height: height, width: width, channels: channels)
    Padding.affine(
      x.pointer, affine, into: mapped.tensor.pointer, images: images, height: height, width: width, channels: channels)
    Padding.affineReLU(
      x.pointer, affine, into: rectified.tensor.pointer, images: images, height: height, width: width,
      channels: channels)
    #expect(copied.isIntact && mapped.isIntact && rectified.isIntact)

    var worst = WorstRatio("padding \(frame)")
    for n in 0..<images {
      for row in 0..<height + 2 {
        for column in 0..<width + 2 {
          let isBorder = row == 0 || row == height + 1 || column == 0 || column == width + 1
          for c in 0..<channels {
            let at = ((n * (height + 2) + row) * (width + 2) + column) * channels + c
            let (a, b, r) = (copied.tensor.pointer[at], mapped.tensor.pointer[at], rectified.tensor.pointer[at])
            if isBorder {
              worst.add(Double(abs(a) + abs(b) + abs(r)), bound: 0, "border")
              continue
            }
            let value = x.pointer[((n * height + row - 1) * width + column - 1) * channels + c]
            let product = Double(scale.pointer[c]) * Double(value)
            let bound = 2 * roundoff * (abs(product) + abs(Double(shift.pointer[c])))
            worst.add(Double(a), Double(value), bound: 0, "copy")
            worst.add(Double(b), product + Double(shift.pointer[c]), bound: bound, "affine")
            // The rectified value is the affine one, bit for bit, where that is positive.
            worst.add(Double(r), Double(max(b, 0)), bound: 0, "rectifier")
          }
        }
      }
    }
    #expect(worst.isWithinBounds())
  }

  /// What is not a number must come out again, in whole vectors and in the rest alike.
  @Test(arguments: [3, 8, 16, 24]) func notANumberPasses(channels: Int) {
    let x = Tensor(Shape(n: 1, h: 1, w: 1, c: channels))
    for c in 0..<channels { x.pointer[c] = .nan }
    let ones = Tensor(Shape(n: 1, c: channels))
    for c in 0..<channels { ones.pointer[c] = 1 }
    let affine = ChannelAffine(scale: ones.pointer, shift: ones.pointer)
    let padded = Tensor(Shape(n: 1, h: 3, w: 3, c: channels))
    Padding.affineReLU(x.pointer, affine, into: padded.pointer, images: 1, height: 1, width: 1, channels: channels)
    #expect((0..<channels).allSatisfy { padded.pointer[4 * channels + $0].isNaN })
    let pooled = Tensor(Shape(n: 1, c: channels))
    Pooling.affineReLUAverage(x.pointer, affine, into: pooled.pointer, pixels: 1, channels: channels)
    #expect((0..<channels).allSatisfy { pooled.pointer[$0].isNaN })
  }
}
