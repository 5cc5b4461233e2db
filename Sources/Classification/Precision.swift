// What a pass multiplies in. Values between layers, statistics and sums are Floats in either.

/// The numbers that the products of a pass are made of.
package enum Precision: String, CaseIterable, Sendable {
  case float32
  /// bfloat16 with Float sums, where a network can: 3x3 convolutions by Winograd over multiples of 16 channels. Else Float.
  case bfloat16
}
