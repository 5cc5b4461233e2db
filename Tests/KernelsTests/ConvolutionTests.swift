// The convolution's algorithms in their three directions against the oracle. A sum of n products in Float, fused or not, is
// within
//
//   (n + 2) · 2⁻²⁴ · Σ |a||b|
//
// of the exact one (Higham: Accuracy and Stability of Numerical Algorithms, section 3.1), the residual's addition included;
// Winograd's has the magnitudes of its transforms in place of Σ |a||b| and their roundings beside n. Such bounds are
// never reached, so whole tensors are held to a relative L2 norm as well.

import CPlatform
import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct ConvolutionTests {
  static let sizes = [(16, 16), (8, 8), (4, 4), (2, 2), (8, 16)]
  static let inputs = [3, 8, 16, 24, 32, 48, 64]
  static let outputs = [3, 8, 10, 16, 32, 40, 64]

  /// Every extent with every pair of channels, by sums over taps.
  @Test(arguments: [1, 3], [1, 2]) func direct(kernel: Int, stride: Int) {
    check(.direct, kernel: kernel, stride: stride)
  }

  /// The same by Winograd's algorithms where those are possible; elsewhere the choice falls back on the direct sums.
  @Test(arguments: [1, 2]) func winograd(stride: Int) {
    check(.winograd, kernel: 3, stride: stride)
  }

  /// Winograd's algorithms with OpenBLAS's matrix product. OpenBLAS is loaded once a process, by a variable of its
  /// environment: in a process of its own.
  @Test func winogradByOpenBLAS() async {
    await #expect(processExitsWith: .success) {
      let core = try #require(platform_blas_core_name(platform_blas_capability()))
      try #require(platform_blas_load(core) == nil)
      for stride in [1, 2] {
        ConvolutionTests().check(
          .winograd, .openblas, kernel: 3, stride: stride, inputs: [16, 48], outputs: [16, 64])
      }
    }
  }

  /// Many shards of a small map at once, the last of them smaller; and one shard with more blocks of 4x4 outputs than are
  /// multiplied at once.
  @Test(arguments: [ConvolutionChoice.direct, .winograd]) func manyShards(choice: ConvolutionChoice) {
    let data = OracleData(seed: 5)
    var errors = ConvolutionErrors("\(choice), many shards", l2: choice == .winograd ? 1e-5 : 1e-6)
    for (extent, stride, images, shardSize) in [
      (4, 1, 64, 1), (4, 1, 13, 2), (8, 2, 63, 8), (8, 1, 11, 3), (32, 1, 2, 2), (16, 1, 5, 5),
    ] {
      let geometry = ConvolutionGeometry(
        height: extent, width: extent, inputChannels: 16, outputChannels: 48, kernel: 3, stride: stride)
      let outputs = extent / stride
      let item = ConvolutionCase(
        choice, .swift, geometry, x: data.values([images, 16, extent, extent], number: 0),
        w: data.values([48, 16, 3, 3], number: 1), dy: data.values([images, 48, outputs, outputs], number: 2),
        place: "\(geometry), \(images) images in shards of \(shardSize)")
      item.checkWeightGradient(shardSize: shardSize, &errors)
      if images > shardSize {
        #expect(item.takesShardsAtOnce)
        item.checkShards(of: shardSize)
      }
    }
    errors.expectWithinBounds([errors.weightGradient, errors.norms])
  }

  /// Every number of blocks of 4x4 outputs, hence every way to cut rows into register tiles, large and small; one vector of
  /// output channels and two.
  @Test(arguments: [1, 2]) func everyNumberOfTiles(stride: Int) {
    let data = OracleData(seed: 6)
    var errors = ConvolutionErrors("winograd, stride \(stride), every number of tiles", l2: 1e-5)
    let extent = 4 * stride
    for images in 1...19 {
      for outputs in [16, 32, 48] {
        let geometry = ConvolutionGeometry(
          height: extent, width: extent, inputChannels: 16, outputChannels: outputs, kernel: 3, stride: stride)
        let item = ConvolutionCase(
          .winograd, .swift, geometry, x: data.values([images, 16, extent, extent], number: 0),
          w: data.values([outputs, 16, 3, 3], number: 1), dy: data.values([images, outputs, 4, 4], number: 2),
          place: "\(geometry), \(images) images")
        item.checkForward(.none, data.values([images, outputs, 4, 4], number: 3), &errors)
        if images >= 3 { item.checkIndependence() }
      }
    }
    errors.expectWithinBounds([errors.forward, errors.norms])
  }

  /// Few input channels, at extents of all kinds: nine taps of a pixel side by side up to half a vector, then sums over taps.
  @Test func fewInputChannels() {
    let sizes = [(1, 1), (1, 5), (5, 1), (3, 2), (9, 7), (2, 33)]
    check(.direct, kernel: 3, stride: 1, sizes: sizes, inputs: Array(1...15), outputs: [1, 3, 16, 64])
    for c in 1...15 {
      let g = ConvolutionGeometry(
        height: 32, width: 32, inputChannels: c, outputChannels: 64, kernel: 3, stride: 1)
      for choice in ConvolutionChoice.allCases {
        let isFewChannels = choice.inputGradient(g).first is FewChannelGradient
        #expect(isFewChannels == (c <= lanes / 2), "\(choice), \(g)")
      }
    }
  }

  /// Winograd's algorithms are those of blocks of 4x4 outputs and whole vectors of channels.
  @Test(arguments: [1, 2]) func fallsBackOnDirectSums(stride: Int) {
    for (height, width) in Self.sizes {
      for c in [3, lanes, lanes + 2] {
        let g = ConvolutionGeometry(
          height: height, width: width, inputChannels: c, outputChannels: 2 * lanes, kernel: 3, stride: stride)
        let isBlocks = g.outputHeight % 4 == 0 && g.outputWidth % 4 == 0 && c == lanes
        for choice in ConvolutionChoice.allCases {
          let algorithms = Set(([choice.forward(g)] + choice.inputGradient(g)).map(\.algorithm))
          #expect(algorithms == [choice == .direct || !isBlocks ? "direct" : "winograd"], "\(choice), \(g)")
        }
      }
    }
  }

  private func check(
    _ choice: ConvolutionChoice, _ product: MatrixProduct = .swift, kernel: Int, stride: Int,
    sizes: [(Int, Int)] = Self.sizes, inputs: [Int] = Self.inputs, outputs: [Int] = Self.outputs
  ) {
    let values = OracleData(seed: 3).values([300_000], number: 0).values
    var drawn = 0
    func draw(_ shape: [Int]) -> OracleTensor {
      let count = shape.reduce(1, *)
      drawn = (drawn + 7919) % (values.count - count)
      return OracleTensor(shape: shape, values: Array(values[drawn..<drawn + count]))
    }
    let name = "\(choice) by \(product) \(kernel)x\(kernel) stride \(stride)"
    var errors = ConvolutionErrors(name, l2: choice == .winograd ? 1e-5 : 1e-6)
    // The number of images and what is added take turns.
    var turn = 0
    for (height, width) in sizes {
      for c in inputs {
        for o in outputs {
          let images = 1 + turn % 3
          let residual = Residual.allCases[turn / 3 % 3]
          let geometry = ConvolutionGeometry(
            height: height, width: width, inputChannels: c, outputChannels: o, kernel: kernel, stride: stride)
          if choice == .winograd && choice.forward(geometry) is TapProgram { continue }
          turn += 1
          let item = ConvolutionCase(
            choice, product, geometry, x: draw([images, c, height, width]), w: draw([o, c, kernel, kernel]),
            dy: draw([images, o, height / stride, width / stride]), place: "\(geometry), \(images) images, \(residual)")
          item.checkForward(residual, draw(item.dy.shape), &errors)
          item.checkInputGradient(residual, draw(item.x.shape), &errors)
          item.checkWeightGradient(shardSize: 1 + turn % 2, &errors)
          if images == 3 { item.checkIndependence() }
          if images == 3 && item.takesShardsAtOnce { item.checkShards(of: 1) }
        }
      }
    }
    #expect(turn > 0)
    errors.expectWithinBounds()
  }
}

/// The errors of an algorithm in its three directions.
struct ConvolutionErrors {
  var forward: WorstRatio, inputGradient: WorstRatio, weightGradient: WorstRatio
  var norms: WorstRatio
  /// The bound of the relative L2 norm of a whole tensor.
  let l2: Double

  init(_ name: String, l2: Double) {
    forward = WorstRatio("convolution \(name), forward")
    inputGradient = WorstRatio("convolution \(name), input gradient")
    weightGradient = WorstRatio("convolution \(name), weight gradient")
    norms = WorstRatio("convolution \(name), relative L2 norms")
    self.l2 = l2
  }

  /// - Parameter kinds: those that were measured; nil for all.
  func expectWithinBounds(_ kinds: [WorstRatio]? = nil) {
    for worst in kinds ?? [forward, inputGradient, weightGradient, norms] {
      let isWithinBounds = worst.isWithinBounds()
      #expect(isWithinBounds, "\(worst.what): \(worst.place)")
    }
  }
}

/// What is added to a convolution's sums.
enum Residual: CaseIterable {
  case none
  /// Another tensor.
  case other
  /// What the output held.
  case output
}
