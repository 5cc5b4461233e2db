// The one value that forward, input gradient and weight gradient of a convolution share.

/// A square convolution with padding (kernel − 1) / 2, as PreActResNet has them: 3x3 or 1x1, stride 1 or 2, no bias.
package struct ConvolutionGeometry: Hashable, Sendable {
  /// Input height and width; multiples of the stride.
  package let height: Int, width: Int
  package let inputChannels: Int, outputChannels: Int
  /// 1 or 3.
  package let kernel: Int
  /// 1 or 2.
  package let stride: Int

  package init(height: Int, width: Int, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int) {
    precondition((kernel == 1 || kernel == 3) && (stride == 1 || stride == 2))
    precondition(height % stride == 0 && width % stride == 0)
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
  }

  package var outputHeight: Int { height / stride }
  package var outputWidth: Int { width / stride }
  package var outputPixels: Int { outputHeight * outputWidth }

  /// Floats of one input image with its border of one pixel on each side.
  package var paddedInputCount: Int { (height + 2) * (width + 2) * inputChannels }
  /// Floats of one output gradient with its border of one pixel on each side.
  package var paddedOutputCount: Int { (outputHeight + 2) * (outputWidth + 2) * outputChannels }
  /// Floats of the filters, (kh, kw, I, O).
  package var filterCount: Int { kernel * kernel * inputChannels * outputChannels }
  /// Multiplications and additions of one image, one direction.
  package var flops: Int { 2 * filterCount * outputPixels }
}
