// In what numbers transformed values are multiplied, and how they stand in memory.
//
// In bfloat16 both factors of a product are rounded right before it, behind the transforms, which stay in Float like the sums.

/// How the matrices of transformed values are multiplied.
package enum TileArithmetic: Equatable, Sendable {
  /// In Float.
  case float32(MatrixProduct)
  /// In bfloat16.
  case bfloat16(BFloat16Unit)

  /// Floats of memory that so many transformed inputs take, or so many filters.
  func floats(_ count: Int) -> Int {
    switch self {
    case .float32: Float32Tile.floats(count)
    case .bfloat16: BFloat16Tile.floats(count)
    }
  }

  /// Whether sums over so many channels can be made for so many.
  func fits(depth: Int, channels: Int) -> Bool {
    switch self {
    case .float32: true
    case .bfloat16: depth % BFloat16Product.leastStep == 0 && channels % BFloat16Product.leastStep == 0
    }
  }
}

/// Transformed inputs in memory.
protocol TileNumber {
  /// Floats of memory that so many take.
  static func floats(_ count: Int) -> Int
  /// Writes a vector of them.
  static func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>)
}

/// As they are.
enum Float32Tile: TileNumber {
  @inline(__always)
  static func floats(_ count: Int) -> Int { count }
  @inline(__always)
  static func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) { Kernels.store(v, p) }
}

/// Rounded, two in the memory of a Float.
enum BFloat16Tile: TileNumber {
  @inline(__always)
  static func floats(_ count: Int) -> Int { count / 2 }
  @inline(__always)
  static func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) { BFloat16.store(v, p) }
}
