// The multiplications that an algorithm really makes, as a part of the direct sum's: what tells its speed from its skill.

extension ImageProgram {
  /// Multiplications between transformed values over those of the direct sum; the transforms themselves do not count.
  package var multiplicationShare: Double {
    switch self {
    case is WinogradProgram: 36 / 144
    case is WinogradStride2Program: 81 / 144
    default: 1
    }
  }

  /// The algorithm's name in tables.
  package var algorithm: String { self is TapProgram ? "direct" : "winograd" }
}

extension WeightGradientProgram {
  /// Multiplications between transformed values over those of the direct sum; the transforms themselves do not count.
  package var multiplicationShare: Double { self is WinogradWeightGradient ? 36 / 144 : 1 }

  /// The algorithm's name in tables.
  package var algorithm: String { self is DirectWeightGradient ? "direct" : "winograd" }
}
