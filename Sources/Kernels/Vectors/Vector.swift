// The vector the kernels are written in, and their one multiply-add.
//
// The tile of the matrix kernels keeps `tileRows` x 2 accumulators in registers: 8 x 2 of the 32 registers of AVX-512,
// 6 x 2 of the 16 of AVX2 and the baseline.

import CVector

#if FAIRTAT_AVX512
  package typealias Vector = SIMD16<Float>
#else
  package typealias Vector = SIMD8<Float>
#endif

/// Floats in a vector.
package let lanes = Vector.scalarCount

/// Output channels in a full panel of packed filters: two vectors.
package let panelWidth = 2 * Vector.scalarCount

#if FAIRTAT_BASELINE
  extension SIMD where Scalar == Float {
    /// self + a·b, rounded twice: the fused form would be a library call a lane.
    @inline(__always)
    func plus(_ a: Self, times b: Self) -> Self { self + a * b }
  }
#else
  extension Vector {
    /// self + a·b, rounded once.
    @inline(__always)
    func plus(_ a: Vector, times b: Vector) -> Vector {
      #if FAIRTAT_AVX512
        vector_fma16(a, b, self)
      #else
        vector_fma8(a, b, self)
      #endif
    }
  }
#endif

extension Float {
  /// self + a·b, rounded as in a vector.
  @inline(__always)
  func plus(_ a: Float, times b: Float) -> Float {
    #if FAIRTAT_BASELINE
      self + a * b
    #else
      addingProduct(a, b)
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

/// Writes a vector past the caches, to an address that is a multiple of its size.
///
/// For much memory that is read much later: it is not read first, and what the caches hold stays there. `vector_fence` must
/// follow before another thread reads it.
@inline(__always)
func stream(_ v: Vector, _ p: UnsafeMutablePointer<Float>) {
  #if FAIRTAT_AVX512
    vector_stream16(v, p)
  #elseif FAIRTAT_AVX2
    vector_stream8(v, p)
  #else
    store(v, p)
  #endif
}
