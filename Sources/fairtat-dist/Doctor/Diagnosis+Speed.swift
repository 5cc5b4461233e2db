// How fast one thread is, alone and beside the others.

extension Diagnosis {
  /// Peak, kernels and OpenBLAS.
  func speedFindings() -> [Finding] {
    let slowest = ranks.min { $0.speed.convolution < $1.speed.convolution } ?? ranks[0]
    return [
      Finding("peak-gflops", Self.number(aloneSpeed.peak)),
      convolution,
      Finding("winograd-gflops", Self.number(aloneSpeed.winograd)),
      together(slowest),
      Finding("sgemm-gflops", aloneSpeed.blas > 0 ? Self.number(aloneSpeed.blas) : .text("not measured")),
    ]
  }

  /// Measured on quiet cores: 0.90 to 0.98 of the peak.
  private var convolution: Finding {
    let value = Self.number(aloneSpeed.convolution)
    let part = aloneSpeed.convolution / aloneSpeed.peak
    guard part < 0.6 else { return Finding("convolution-gflops", value) }
    return Finding(
      "convolution-gflops", value, .warning,
      "only \(Int(100 * part)) % of the peak, 90 are usual: something else works on this core, or it is a debug build")
  }

  private func together(_ slowest: RankFacts) -> Finding {
    let key = "convolution-gflops-together"
    let rate = slowest.speed.convolution
    guard ranks.count > 1 else { return Finding(key, Self.number(rate)) }
    let value = Finding.Value.text(
      "\(Self.rounded(rate)) on the slowest, rank \(slowest.rank), of \(ranks.count) at the same time")
    // Fewer than the cores: turbo clocks fall a little, no more.
    guard rate < 0.6 * aloneSpeed.convolution else { return Finding(key, value) }
    return Finding(
      key, value, .warning,
      "one thread a rank, all at once, is slower than one alone: ranks share cores, or hosts differ; see binding and threads"
    )
  }

  private static func rounded(_ value: Double) -> Double { (10 * value).rounded() / 10 }
  private static func number(_ value: Double) -> Finding.Value { .number(rounded(value)) }
}
