// What one thread does, measured: the kernel that most of a run is spent in, and OpenBLAS, against the core's peak.

import CPlatform
import Kernels
import Tensors

/// GFLOP/s of one thread; 0 where nothing was measured.
struct Speed: Codable {
  /// The multiply-add in registers, alone.
  var peak = 0.0
  /// A 3x3 convolution of 64 to 64 channels on 32x32 pixels, one image, as a direct sum.
  var convolution = 0.0
  /// The same by Winograd's F(4x4, 3x3): the direct sum's operations over its time, so more than the peak.
  var winograd = 0.0
  /// OpenBLAS, 512 x 512 x 512.
  var blas = 0.0

  /// Seconds that `measured` takes, nearly.
  static let seconds = Double(rounds) * 4 * slice
  private static let rounds = 7
  private static let slice = 0.04

  /// Measures for `seconds`. They take turns, so that the clock of the core is the same for all, and the best of each
  /// counts: what disturbs a measurement only ever makes it slower.
  ///
  /// - Parameter hasBLAS: whether OpenBLAS is loaded.
  static func measured(hasBLAS: Bool) -> Speed {
    let geometry = ConvolutionGeometry(
      height: 32, width: 32, inputChannels: 64, outputChannels: 64, kernel: 3, stride: 1)
    let direct = ConvolutionCase(geometry, .forward, .direct, images: 1)
    let winograd = ConvolutionCase(geometry, .forward, .winograd, images: 1)
    let side = 512
    let (a, b, c) = (
      ConvolutionCase.ones(side * side), ConvolutionCase.ones(side * side), ConvolutionCase.ones(side * side)
    )

    var speed = Speed()
    for _ in 0..<rounds {
      speed.peak = max(speed.peak, rate(PeakProbe.flops * 100_000) { _ = PeakProbe.run(rounds: 100_000) })
      speed.convolution = max(speed.convolution, rate(geometry.flops) { direct.run() })
      speed.winograd = max(speed.winograd, rate(geometry.flops) { winograd.run() })
      guard hasBLAS else { continue }
      let (n, s) = (Int32(side), 1 / Float(side))
      speed.blas = max(
        speed.blas,
        rate(2 * side * side * side) {
          platform_sgemm(0, 0, n, n, n, s, a.pointer, n, b.pointer, n, 0, c.pointer, n)
        })
    }
    return speed
  }

  /// GFLOP/s of a body of so many operations: the best of its repetitions within `slice` seconds.
  private static func rate(_ flops: Int, _ body: () -> Void) -> Double {
    var best = Double.infinity
    let start = platform_seconds()
    var now = start
    while now - start < slice {
      body()
      let end = platform_seconds()
      best = min(best, end - now)
      now = end
    }
    return Double(flops) / best / 1e9
  }
}
