// The weight gradient of a convolution as the engine runs it: one shard's padded inputs and dense output gradients.

/// An algorithm for dw of one geometry.
///
/// The sum over the pixels of the images runs in an order that the geometry alone fixes, however pieces are spread.
package protocol WeightGradientProgram: ConvolutionAlgorithm {
  /// Floats of scratch memory that `run` needs, for all threads together.
  var workspaceCount: Int { get }

  /// Overwrites dw, (kh, kw, I, O).
  ///
  /// - Parameters:
  ///   - input: padded images, `inputStride` Floats apart.
  ///   - dy: dense images, `dyStride` Floats apart.
  ///   - workspace: `workspaceCount` Floats on a cache line.
  ///   - forEach: runs numbered pieces, on as many threads as the caller likes.
  func run(
    input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int, workspace: UnsafeMutablePointer<Float>,
    forEach: (_ count: Int, _ body: (Int) -> Void) -> Void)
}

/// dw by sums over taps.
package struct DirectWeightGradient: WeightGradientProgram {
  private let program: TapProgram

  package init(_ g: ConvolutionGeometry) { program = .forward(g) }

  package var algorithm: String { "direct" }
  package var multiplicationShare: Double { 1 }
  package var workspaceCount: Int { 0 }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int, workspace: UnsafeMutablePointer<Float>,
    forEach: (_ count: Int, _ body: (Int) -> Void) -> Void
  ) {
    forEach(program.weightGradientPieces) { piece in
      program.weightGradient(
        piece: piece, input: input, inputStride: inputStride, dy: dy, dyStride: dyStride, dw: dw, images: images)
    }
  }
}
