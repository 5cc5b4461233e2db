// What tables say about an algorithm, whatever its direction.

/// An algorithm for one direction of a convolution, for one geometry.
package protocol ConvolutionAlgorithm: Sendable {
  /// Its name in tables: "direct" or "winograd".
  var algorithm: String { get }
  /// Multiplications between transformed values over those of the direct sum, which tells speed from skill; the transforms
  /// themselves do not count.
  var multiplicationShare: Double { get }
}
