// One direction of a convolution as the engine runs it: padded images in, dense images out, filters packed beforehand.

/// An algorithm for the forward direction or the input gradient of a convolution, for one geometry.
///
/// Filters are (kh, kw, I, O). The bits of an output depend on its own image and the filters, never on the number of
/// images or their order.
package protocol ImageProgram: ConvolutionAlgorithm {
  /// Floats that the packed filters take.
  var packedCount: Int { get }
  /// Pieces into which packing falls, for threads.
  var panelCount: Int { get }
  /// Floats of scratch memory that `run` and `pack` need.
  var workspaceCount: Int { get }

  /// Packs one piece of the filters.
  ///
  /// - Parameter workspace: `workspaceCount` Floats of this thread, on a cache line.
  func pack(
    _ filters: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    workspace: UnsafeMutablePointer<Float>)

  /// Runs over some images.
  ///
  /// - Parameters:
  ///   - input: padded images, `inputStride` Floats apart.
  ///   - packed: filters from `pack`, on a cache line.
  ///   - output: dense images, `outputStride` Floats apart; every output pixel is written once.
  ///   - residual: dense images like `output` that are added; may be `output` itself. nil adds nothing.
  ///   - workspace: `workspaceCount` Floats of this thread, on a cache line.
  ///   - ahead: what will be needed when this is done, beside `output` and `residual`.
  func run(
    input: UnsafePointer<Float>, inputStride: Int, packed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, residual: UnsafePointer<Float>?, images: Int,
    workspace: UnsafeMutablePointer<Float>, ahead: FetchAhead)
}
