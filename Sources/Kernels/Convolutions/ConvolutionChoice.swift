// Which algorithm computes which convolution: a table keyed by geometry and vector length, never a measurement, since the
// choice changes bits.

/// How a recipe wants convolutions computed.
package enum ConvolutionChoice: String, CaseIterable, Sendable {
  /// The fastest by measurements at the time of writing: the same as `winograd`.
  case auto
  /// F(4x4, 3x3), and F(4, 2) on the phases of stride 2, wherever the geometry allows it.
  case winograd
  /// Direct sums everywhere: the slow truth that `winograd` can be checked against.
  case direct

  /// The algorithm of the forward direction.
  package func forward(_ g: ConvolutionGeometry, _ product: MatrixProduct = .swift) -> any ImageProgram {
    winograd(g, gradient: false, .float32(product)) ?? TapProgram.forward(g)
  }

  /// The algorithms of the input gradient; together they write every input pixel once.
  package func inputGradient(_ g: ConvolutionGeometry, _ product: MatrixProduct = .swift) -> [any ImageProgram] {
    (winograd(g, gradient: true, .float32(product)) ?? FewChannelGradient(g)).map { [$0] }
      ?? TapProgram.inputGradient(g)
  }

  /// The algorithm of the weight gradient.
  package func weightGradient(
    _ g: ConvolutionGeometry, _ product: MatrixProduct = .swift
  ) -> any WeightGradientProgram {
    (self == .direct ? nil : WinogradWeightGradient(g, product: product)) ?? DirectWeightGradient(g)
  }

  /// The algorithms in bfloat16, forward and for the input gradient; nil where there are none.
  package func reduced(
    _ g: ConvolutionGeometry, by unit: BFloat16Unit
  ) -> (forward: any ImageProgram, inputGradient: any ImageProgram)? {
    guard let forward = winograd(g, gradient: false, .bfloat16(unit)),
      let inputGradient = winograd(g, gradient: true, .bfloat16(unit))
    else { return nil }
    return (forward, inputGradient)
  }

  private func winograd(
    _ g: ConvolutionGeometry, gradient: Bool, _ arithmetic: TileArithmetic
  ) -> (any ImageProgram)? {
    if self == .direct { return nil }
    return WinogradProgram(g, gradient: gradient, by: arithmetic)
      ?? WinogradStride2Program(g, gradient: gradient, by: arithmetic)
  }
}
