// Products in bfloat16: the numbers against their definition, the arithmetic step by step, convolutions against the oracle.
//
// Both factors of a product are rounded once more than in Float, each by at most 2⁻⁹ of itself. So a convolution is within
//
//   (2 · 2⁻⁹ + 2⁻¹⁸ + (n + 40) · 2⁻²⁴) · the magnitudes of its transforms
//
// of the exact one. For values drawn at random the transforms of F(4x4, 3x3) make up to 3 % of that.

import CPlatform
import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct BFloat16Tests {
  /// Those that this machine has.
  static let units = BFloat16Unit.allCases.filter { $0 == .emulated || platform_has_matrix_unit() != 0 }

  /// The nearest number with 8 bits, by distances in Double; of two as near the one whose last bit is 0.
  private static func nearest(_ x: Float) -> UInt16 {
    let below = UInt16(truncatingIfNeeded: x.bitPattern >> 16)
    func value(_ half: UInt16) -> Double {
      let v = Double(Float(bitPattern: UInt32(half) << 16))
      // Beyond the largest lies what would be the next power of two.
      return v.isInfinite ? (v < 0 ? -0x1p128 : 0x1p128) : v
    }
    let (low, high) = (abs(value(below) - Double(x)), abs(value(below + 1) - Double(x)))
    if low == high { return below % 2 == 0 ? below : below + 1 }
    return low < high ? below : below + 1
  }

  @Test func roundingIsToTheNearest() {
    var floats: [Float] = [0, -0.0, 1, 1.00390625, 1.01171875, 0.1, 3.4e38, -3.4e38, 0x1p-130, -0x1p-130, 0x1p-149]
    var bits: UInt32 = 12345
    while floats.count < 20_000 {
      bits = bits &* 1_664_525 &+ 1_013_904_223
      let x = Float(bitPattern: bits)
      if x.isFinite { floats.append(x) }
      // Halfway between two, and beside it.
      let half = bits & 0xffff_0000 | 0x8000
      floats += [half, half &+ 1, half &- 1].map { Float(bitPattern: $0) }.filter(\.isFinite)
    }
    let count = floats.count / lanes * lanes
    let rounded = Tensor(Shape(n: 1, c: count / 2))
    floats.withUnsafeBufferPointer { BFloat16.round($0.baseAddress!, into: rounded.pointer, count: count) }
    let halves = UnsafeRawPointer(rounded.pointer).assumingMemoryBound(to: UInt16.self)
    let wrong = (0..<count).filter { halves[$0] != Self.nearest(floats[$0]) }
    #expect(wrong.isEmpty, "\(wrong.prefix(3).map { (floats[$0], halves[$0]) })")
    let infinite = [Float](repeating: .infinity, count: lanes)
    let nan = [Float](repeating: .nan, count: lanes)
    for (values, expected) in [(infinite, UInt16(0x7f80)), (nan, 0x7fc0)] {
      values.withUnsafeBufferPointer { BFloat16.round($0.baseAddress!, into: rounded.pointer, count: lanes) }
      #expect(halves[0] == expected)
    }
  }

  /// The sums of AMX's TDPBF16PS as Intel's manual has them, one operation after another: of the even and of the odd values of
  /// a step apart, each from 0 on, added, and then added to what was there; denormals in and out are zeros.
  private static func defined(_ a: [Float], _ b: [Float], step: Int) -> Float {
    func flushed(_ x: Float) -> Float { abs(x) < .leastNormalMagnitude ? 0 * x : x }
    var c: Float = 0
    for first in stride(from: 0, to: a.count, by: step) {
      var sums: (Float, Float) = (0, 0)
      for k in stride(from: first, to: first + step, by: 2) {
        sums.0 = flushed(sums.0.addingProduct(flushed(a[k]), flushed(b[k])))
        sums.1 = flushed(sums.1.addingProduct(flushed(a[k + 1]), flushed(b[k + 1])))
      }
      c = flushed(c + flushed(sums.0 + sums.1))
    }
    return c
  }

  /// Every number of rows, sums over channels that are multiples of 32 and of 16 alone, large, small and vanishing values.
  @Test(arguments: units) func arithmetic(unit: BFloat16Unit) {
    let data = OracleData(seed: 8).values([64 * 1024], number: 0).values
    var drawn = 0
    func draw(_ count: Int, scale: Float) -> [Float] {
      drawn = (drawn + 7919) % (data.count - count)
      // The upper half of a Float, whatever lies below.
      return data[drawn..<drawn + count].map { Float(bitPattern: (Float($0) * scale).bitPattern & 0xffff_0000) }
    }
    for (depth, step) in [(16, 16), (32, 32), (48, 16), (64, 32), (96, 32), (512, 32)] {
      for rows in [1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 47] {
        for scale: Float in [1, 0x1p-60, 0x1p-66, 0x1p62] {
          let room = (rows + 15) / 16 * 16
          let a = draw(rows * depth, scale: scale)
          let b = draw(depth * panelWidth, scale: scale)
          let left = Tensor(Shape(n: room, c: depth / 2)), right = Tensor(Shape(n: depth / 2, c: panelWidth))
          let words = UnsafeMutableRawPointer(left.pointer).assumingMemoryBound(to: UInt16.self)
          for i in a.indices { words[i] = UInt16(a[i].bitPattern >> 16) }
          let pairs = UnsafeMutableRawPointer(right.pointer).assumingMemoryBound(to: UInt32.self)
          for k in 0..<depth / 2 {
            for n in 0..<panelWidth {
              pairs[k * panelWidth + n] =
                b[2 * k * panelWidth + n].bitPattern >> 16 | b[(2 * k + 1) * panelWidth + n].bitPattern
            }
          }
          for width in Set([max(16, lanes), panelWidth]) {
            let c = Guarded(Shape(n: room, c: panelWidth))
            BFloat16Product.prepared(unit, depth: depth) {
              BFloat16Product.multiply(
                left.pointer, rows: rows, depth: depth, right.pointer, width: width, into: c.tensor.pointer,
                stride: panelWidth, by: unit)
            }
            var wrong = 0
            for r in 0..<rows {
              for n in 0..<width {
                let column = (0..<depth).map { b[$0 * panelWidth + n] }
                let exact = Self.defined(Array(a[r * depth..<(r + 1) * depth]), column, step: step)
                let value = c.tensor.pointer[r * panelWidth + n]
                if value.bitPattern != exact.bitPattern && !(value == 0 && exact == 0) { wrong += 1 }
              }
            }
            #expect(wrong == 0 && c.isIntact, "\(rows) rows, depth \(depth), width \(width), scale \(scale)")
          }
        }
      }
    }
    #expect(platform_rounding_is_standard() != 0)
  }

  /// Forward and input gradient of all geometries that there are, each image as it would be alone; by hardware with the bits of
  /// the emulation.
  @Test(arguments: units, [1, 2]) func convolutions(unit: BFloat16Unit, stride: Int) {
    let data = OracleData(seed: 9)
    var errors = ConvolutionErrors("bfloat16 \(unit), stride \(stride)", l2: 0.04)
    for (height, width) in [(16, 16), (8, 8), (8, 16), (4, 4)] where height % (4 * stride) == 0 {
      for (c, o) in [(16, 16), (16, 32), (32, 48), (48, 16), (64, 64)] {
        let geometry = ConvolutionGeometry(
          height: height, width: width, inputChannels: c, outputChannels: o, kernel: 3, stride: stride)
        let outputs = [3, o, height / stride, width / stride]
        let (y, x) = (data.values(outputs, number: 3), data.values([3, c, height, width], number: 0))
        let item = ConvolutionCase(
          .winograd, .swift, reduced: unit, geometry, x: x, w: data.values([o, c, 3, 3], number: 1),
          dy: data.values(outputs, number: 2), place: "\(geometry)")
        for residual in Residual.allCases {
          item.checkForward(residual, y, &errors)
          item.checkInputGradient(residual, x, &errors)
        }
        item.checkIndependence()
        if unit != .emulated { item.checkBits(of: .emulated) }
      }
    }
    errors.expectWithinBounds([errors.forward, errors.inputGradient, errors.norms])
  }

  /// Where channels are no multiples of 16, or sums are direct, nothing is in bfloat16.
  @Test func onlyWinogradsOfWholeSteps() {
    func hasReduced(_ choice: ConvolutionChoice, _ c: Int, _ o: Int, extent: Int = 8, kernel: Int = 3) -> Bool {
      let g = ConvolutionGeometry(
        height: extent, width: extent, inputChannels: c, outputChannels: o, kernel: kernel, stride: 1)
      return choice.reduced(g, by: .emulated) != nil
    }
    #expect(hasReduced(.auto, 16, 48) && hasReduced(.winograd, 64, 64))
    #expect(!hasReduced(.direct, 16, 16) && !hasReduced(.auto, 3, 64) && !hasReduced(.auto, 8, 16))
    #expect(
      !hasReduced(.auto, 24, 16) && !hasReduced(.auto, 16, 16, extent: 2) && !hasReduced(.auto, 16, 16, kernel: 1))
  }
}
