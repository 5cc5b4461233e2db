// Matrix products of bfloat16 with Float sums:  [rows x depth] · [depth x panel] -> [rows x panel].
//
// The arithmetic is that of AMX's TDPBF16PS, on every processor. From step to step, of 32 channels, or of 16 where 32 do not
// divide their number:
//
//   c <- c + (Σ over the step's even k of a[k]·b[k]  +  Σ over its odd k)
//
// each sum a chain in the order of k that begins at 0, denormals as zeros. The matrix unit does that ten times as fast as Float
// products are done; the same in Float instructions is slower than these, and there for checks and for machines without the unit.
// (VDPBF16PS has other bits, one chain of odd before even, and took longer than Float products on an Emerald Rapids.)

import CPlatform

/// What multiplies bfloat16 numbers; the bits are the same.
package enum BFloat16Unit: String, CaseIterable, Sendable {
  /// The CPU's matrix unit.
  case hardware
  /// Float instructions, which are slower than Float products.
  case emulated
}

/// Products of transformed values in bfloat16.
package enum BFloat16Product {
  /// What the channels of a sum, and their sums, are a multiple of.
  static let leastStep = 16
  private static let mostStep = 32

  /// Channels of a step of a sum over so many.
  private static func step(depth: Int) -> Int { depth % mostStep == 0 ? mostStep : leastStep }

  /// Runs `body`, which multiplies, as `unit` needs it.
  package static func prepared(_ unit: BFloat16Unit, depth: Int, _ body: () -> Void) {
    switch unit {
    case .hardware:
      platform_matrix_unit_begin(Int32(step(depth: depth)))
      body()
      platform_matrix_unit_end()
    case .emulated:
      platform_flush_denormals(1)
      body()
      platform_flush_denormals(0)
    }
  }

  /// One panel of one product, inside `prepared`.
  ///
  /// - Parameters:
  ///   - a: rows of `depth` bfloat16 numbers, up to a multiple of 16 in memory.
  ///   - filters: the panel's depth/2 rows of `panelWidth` pairs.
  ///   - width: columns that are written, a multiple of 16.
  ///   - c: where the first row is written; rows are `stride` Floats apart, and up to a multiple of 16 in memory.
  package static func multiply(
    _ a: UnsafePointer<Float>, rows: Int, depth: Int, _ filters: UnsafePointer<Float>, width: Int,
    into c: UnsafeMutablePointer<Float>, stride: Int, by unit: BFloat16Unit
  ) {
    let step = step(depth: depth)
    switch unit {
    case .hardware:
      platform_matrix_multiply(
        UnsafeRawPointer(a).assumingMemoryBound(to: UInt16.self), Int32(rows), Int32(depth),
        UnsafeRawPointer(filters).assumingMemoryBound(to: UInt32.self), Int32(panelWidth), Int32(width), c,
        Int32(stride), Int32(step))
    case .emulated:
      let halves = UnsafeRawPointer(a).assumingMemoryBound(to: UInt16.self)
      for row in Swift.stride(from: 0, to: rows, by: fewRows) {
        let (few, count) = (halves + row * depth, min(fewRows, rows - row))
        if width > lanes {
          emulateTwoVectors(few, rows: count, depth: depth, step: step, filters, into: c + row * stride, stride: stride)
        } else {
          emulateOneVector(few, rows: count, depth: depth, step: step, filters, into: c + row * stride, stride: stride)
        }
      }
    }
  }

  /// Rows of a register tile of the emulation: with two vectors of even and of odd sums each, 12 of the 16 registers of AVX2.
  private static let fewRows = 3

  @inline(never)
  private static func emulateTwoVectors(
    _ a: UnsafePointer<UInt16>, rows: Int, depth: Int, step: Int, _ filters: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    emulate(a, rows: rows, depth: depth, step: step, into: c, stride: stride) { k in
      let pairs = filters + k * panelWidth
      return (
        unsafeBitCast(load(pairs), to: BFloat16.Words.self), unsafeBitCast(load(pairs + lanes), to: BFloat16.Words.self)
      )
    } put: { sum, out, isFirst in
      put(sum.even.left + sum.odd.left, out, isFirst)
      put(sum.even.right + sum.odd.right, out + lanes, isFirst)
    }
  }

  @inline(never)
  private static func emulateOneVector(
    _ a: UnsafePointer<UInt16>, rows: Int, depth: Int, step: Int, _ filters: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    emulate(a, rows: rows, depth: depth, step: step, into: c, stride: stride) { k in
      (unsafeBitCast(load(filters + k * panelWidth), to: BFloat16.Words.self), .zero)
    } put: { sum, out, isFirst in
      put(sum.even.left + sum.odd.left, out, isFirst)
    }
  }

  @inline(__always)
  private static func put(_ sum: Vector, _ out: UnsafeMutablePointer<Float>, _ isFirst: Bool) {
    store((isFirst ? .zero : load(out)) + sum, out)
  }

  /// The sums of a row: of even and of odd channels, for two vectors of columns.
  private struct Sums {
    var even: (left: Vector, right: Vector) = (.zero, .zero)
    var odd: (left: Vector, right: Vector) = (.zero, .zero)

    /// Adds the products of an even channel.
    @inline(__always)
    mutating func addEven(_ a: Float, _ b: (left: Vector, right: Vector)) {
      even.left = BFloat16.sum(even.left, Vector(repeating: a), b.left)
      even.right = BFloat16.sum(even.right, Vector(repeating: a), b.right)
    }

    /// Adds those of an odd one.
    @inline(__always)
    mutating func addOdd(_ a: Float, _ b: (left: Vector, right: Vector)) {
      odd.left = BFloat16.sum(odd.left, Vector(repeating: a), b.left)
      odd.right = BFloat16.sum(odd.right, Vector(repeating: a), b.right)
    }
  }

  /// A register tile; rows beyond the last repeat it, and are dropped.
  ///
  /// - Parameters:
  ///   - a: rows of `depth` bfloat16 numbers.
  ///   - pairs: the pairs of channels 2k and 2k + 1, of both vectors.
  ///   - put: adds the sums of a step to what is there, which is 0 before the first.
  @inline(__always)
  private static func emulate(
    _ a: UnsafePointer<UInt16>, rows: Int, depth: Int, step: Int, into c: UnsafeMutablePointer<Float>, stride: Int,
    pairs: (_ k: Int) -> (left: BFloat16.Words, right: BFloat16.Words),
    put: (Sums, UnsafeMutablePointer<Float>, _ isFirst: Bool) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: fewRows * mostStep) { floats in
      let a0 = floats.baseAddress!
      let (a1, a2) = (a0 + mostStep, a0 + 2 * mostStep)
      for first in Swift.stride(from: 0, to: depth, by: step) {
        for row in 0..<fewRows {
          let from = a + (min(row, rows - 1) * depth + first)
          for k in 0..<step { a0[row * mostStep + k] = Float(bitPattern: UInt32(from[k]) << 16) }
        }
        var (s0, s1, s2) = (Sums(), Sums(), Sums())
        for k in Swift.stride(from: 0, to: step, by: 2) {
          // One after the other: both at once would not stay in registers.
          let words = pairs((first + k) / 2)
          let even = (left: BFloat16.lower(words.left), right: BFloat16.lower(words.right))
          s0.addEven(a0[k], even)
          s1.addEven(a1[k], even)
          s2.addEven(a2[k], even)
          let odd = (left: BFloat16.upper(words.left), right: BFloat16.upper(words.right))
          s0.addOdd(a0[k + 1], odd)
          s1.addOdd(a1[k + 1], odd)
          s2.addOdd(a2[k + 1], odd)
        }
        put(s0, c, first == 0)
        if rows > 1 { put(s1, c + stride, first == 0) }
        if rows > 2 { put(s2, c + 2 * stride, first == 0) }
      }
    }
  }
}
