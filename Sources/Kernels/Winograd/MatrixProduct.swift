// Whose matrix product multiplies in the domain of frequencies: ours, or OpenBLAS's, so that each can be checked against
// the other.
//
// OpenBLAS's bits for a row depend on the number of rows, and with some of its kernels on the row's place among them. So it is
// always given the same number, one that its kernels cut into equal groups: what stands behind the last tile is multiplied
// too, and not used.

import CPlatform

/// Who multiplies matrices.
package enum MatrixProduct: String, CaseIterable, Sendable {
  /// The register tiles of this library.
  case swift
  /// OpenBLAS, which must be loaded first.
  case openblas

  /// Rows of a product by OpenBLAS are a divisor of these, those of a matrix unit's registers are these.
  static let rows = 16
}

/// Row-major products by OpenBLAS; the distances of rows are those of memory.
enum OpenBLAS {
  /// Rows of a product that is to have the same bits for a row anywhere.
  static var rows: Int { Int(platform_blas_rows()) }

  /// C [m, n] = A [m, k] · B [k, n].
  static func multiply(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, into c: UnsafeMutablePointer<Float>,
    _ ldc: Int, m: Int, n: Int, k: Int
  ) {
    platform_sgemm(0, 0, Int32(m), Int32(n), Int32(k), 1, a, Int32(lda), b, Int32(ldb), 0, c, Int32(ldc))
  }

  /// C [m, n] = Aᵀ [m, k] · B [k, n].
  static func multiplyTransposed(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, into c: UnsafeMutablePointer<Float>,
    _ ldc: Int, m: Int, n: Int, k: Int
  ) {
    platform_sgemm(1, 0, Int32(m), Int32(n), Int32(k), 1, a, Int32(lda), b, Int32(ldb), 0, c, Int32(ldc))
  }
}
