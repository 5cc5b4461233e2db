// The most multiply-adds a core can do, as the kernels write them: many independent chains a <- c + m·a in registers.
//
// Twelve chains hide the latency of two fused units (4 cycles x 2); with constants they leave 16 registers unspilled. The
// baseline's vectors are single registers, because pairs would not fit.

/// A loop that does nothing but multiply-adds.
package enum PeakProbe {
  #if FAIRTAT_BASELINE
    private typealias Chain = SIMD4<Float>
  #else
    private typealias Chain = Vector
  #endif

  /// Multiplications and additions of one round.
  package static var flops: Int { 2 * 12 * Chain.scalarCount }

  /// Runs `rounds` rounds.
  ///
  /// - Returns: a number that depends on all of them, near 1, so that no compiler leaves them out.
  @inline(never)
  package static func run(rounds: Int, from start: Float = 1) -> Float {
    // The chains settle at c / (1 - m) = 1: neither growing nor denormal.
    let m = Chain(repeating: 0.9375 * start)
    let c = Chain(repeating: 0.0625 * start)
    let first = Chain(repeating: start)
    var a0 = first, a1 = first + c, a2 = a1 + c, a3 = a2 + c, a4 = a3 + c, a5 = a4 + c
    var a6 = a5 + c, a7 = a6 + c, a8 = a7 + c, a9 = a8 + c, a10 = a9 + c, a11 = a10 + c
    for _ in 0..<rounds {
      a0 = c.plus(a0, times: m)
      a1 = c.plus(a1, times: m)
      a2 = c.plus(a2, times: m)
      a3 = c.plus(a3, times: m)
      a4 = c.plus(a4, times: m)
      a5 = c.plus(a5, times: m)
      a6 = c.plus(a6, times: m)
      a7 = c.plus(a7, times: m)
      a8 = c.plus(a8, times: m)
      a9 = c.plus(a9, times: m)
      a10 = c.plus(a10, times: m)
      a11 = c.plus(a11, times: m)
    }
    let sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11
    return sum.sum() / Float(12 * Chain.scalarCount)
  }
}
