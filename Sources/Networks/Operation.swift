// What a network multiplies and normalises, for those who count or time its work and know no layers.

import Kernels

/// A multiplication by weights, of one image.
package struct Operation: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case convolution(ConvolutionGeometry)
    /// Rows of an image, such as its tokens, by outputs x inputs weights.
    case linear(inputs: Int, outputs: Int, rows: Int)
  }

  package let kind: Kind
  /// Whether a normalisation and a ReLU stand between its input in memory and the product.
  package let isBehindNormalisation: Bool

  package init(_ kind: Kind, isBehindNormalisation: Bool = false) {
    self.kind = kind
    self.isBehindNormalisation = isBehindNormalisation
  }

  /// Multiplications and additions in one direction, as a direct sum.
  package var flops: Int {
    switch kind {
    case .convolution(let geometry): geometry.flops
    case .linear(let inputs, let outputs, let rows): 2 * inputs * outputs * rows
    }
  }

  /// Weights.
  package var weightCount: Int {
    switch kind {
    case .convolution(let geometry): geometry.filterCount
    case .linear(let inputs, let outputs, _): inputs * outputs
    }
  }

  package var convolution: ConvolutionGeometry? {
    if case .convolution(let geometry) = kind { geometry } else { nil }
  }
}

/// A map that is normalised by the statistics of its batch.
package struct NormalisedMap: Hashable, Sendable {
  package let height: Int, width: Int, channels: Int

  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  package var pixels: Int { height * width }
}

extension Network {
  /// The convolutions, in the order of a forward pass.
  package var convolutions: [ConvolutionGeometry] { work.compactMap(\.convolution) }

  /// The channels of each normalisation by statistics of the batch.
  package var normalisedChannels: [Int] { normalisations.map(\.channels) }

  /// Pixels of the smallest map that is normalised: what one image gives to each of its means.
  package var smallestMap: Int { normalisations.map(\.pixels).min() ?? .max }
}
