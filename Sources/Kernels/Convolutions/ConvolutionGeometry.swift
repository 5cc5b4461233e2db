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

  /// Whoever makes memory for a convolution asks `isSupported` first: this target is built without checks.
  package init(height: Int, width: Int, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int) {
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
  }

  /// Whether there are kernels for it: its extents are as said above, and 32 bits count a padded image and the filters.
  package var isSupported: Bool {
    guard kernel == 1 || kernel == 3, stride == 1 || stride == 2, height > 0, width > 0, inputChannels > 0,
      outputChannels > 0, height % stride == 0, width % stride == 0
    else { return false }
    func fits(_ extents: Int...) -> Bool {
      var product = 1
      for extent in extents {
        guard extent <= Int(Int32.max) / product else { return false }
        product *= extent
      }
      return true
    }
    return fits(height + 2, width + 2, max(inputChannels, outputChannels))
      && fits(kernel, kernel, inputChannels, outputChannels)
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
