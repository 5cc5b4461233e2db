// The vector the kernels are written in, and their one multiply-add.
//
// The tile of the matrix kernels keeps `tileRows` x 2 accumulators in registers: 8 x 2 of the 32 registers of AVX-512,
// 6 x 2 of the 16 of AVX2 and the baseline.

#if FAIRTAT_AVX512
  package typealias Vector = SIMD16<Float>
#else
  package typealias Vector = SIMD8<Float>
#endif

/// Floats in a vector.
package let lanes = Vector.scalarCount

/// Output channels in a full panel of packed filters: two vectors.
package let panelWidth = 2 * Vector.scalarCount

extension SIMD where Scalar == Float {
  /// self + a·b, fused where the target has the instruction (elsewhere the fused form would be a library call a lane).
  @inline(__always) @usableFromInline
  func plus(_ a: Self, times b: Self) -> Self {
    #if FAIRTAT_BASELINE
      self + a * b
    #else
      self.addingProduct(a, b)
    #endif
  }
}

/// Reads a vector from any address.
@inline(__always)
func load(_ p: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
}

/// Reads a vector from any address.
@inline(__always)
func load(_ p: UnsafeMutablePointer<Float>) -> Vector { load(UnsafePointer(p)) }

/// Writes a vector to any address.
@inline(__always)
func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}
