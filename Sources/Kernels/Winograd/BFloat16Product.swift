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

  /// Channels of a step of a sum over so many.
  private static func step(depth: Int) -> Int { depth % 32 == 0 ? 32 : leastStep }

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
  ///   - width: columns that are written: `lanes` or `panelWidth`.
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
      let words = UnsafeRawPointer(a).assumingMemoryBound(to: UInt32.self)
      for column in Swift.stride(from: 0, to: width, by: lanes) {
        for row in Swift.stride(from: 0, to: rows, by: fewRows) {
          emulate(
            words + row * (depth / 2), rows: min(fewRows, rows - row), depth: depth, step: step, filters + column,
            into: c + (row * stride + column), stride: stride)
        }
      }
    }
  }

  /// Rows of a register tile of the emulation.
  private static let fewRows = 4

  /// Rows beyond the last repeat it, and are dropped.
  @inline(never)
  private static func emulate(
    _ a: UnsafePointer<UInt32>, rows: Int, depth: Int, step: Int, _ filters: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    typealias Pair = (even: Vector, odd: Vector)
    let zero: Pair = (.zero, .zero)
    let a0 = a
    let a1 = a + min(1, rows - 1) * (depth / 2)
    let a2 = a + min(2, rows - 1) * (depth / 2)
    let a3 = a + min(3, rows - 1) * (depth / 2)
    var (c0, c1, c2, c3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    for first in Swift.stride(from: 0, to: depth / 2, by: step / 2) {
      var (s0, s1, s2, s3) = (zero, zero, zero, zero)
      for k in first..<first + step / 2 {
        let words = unsafeBitCast(load(filters + k * panelWidth), to: BFloat16.Words.self)
        let (even, odd) = (BFloat16.lower(words), BFloat16.upper(words))
        @inline(__always)
        func add(_ sum: inout Pair, _ pair: UInt32) {
          sum.even = sum.even.plus(Vector(repeating: Float(bitPattern: pair << 16)), times: even)
          sum.odd = sum.odd.plus(Vector(repeating: Float(bitPattern: pair & 0xffff_0000)), times: odd)
        }
        add(&s0, a0[k])
        add(&s1, a1[k])
        add(&s2, a2[k])
        add(&s3, a3[k])
      }
      c0 += s0.even + s0.odd
      c1 += s1.even + s1.odd
      c2 += s2.even + s2.odd
      c3 += s3.even + s3.odd
    }
    store(c0, c)
    if rows > 1 { store(c1, c + stride) }
    if rows > 2 { store(c2, c + 2 * stride) }
    if rows > 3 { store(c3, c + 3 * stride) }
  }
}
