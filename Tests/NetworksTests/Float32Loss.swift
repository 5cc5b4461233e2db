// What may be lost in Float: three times what PyTorch float32 loses against float64 (Tests/goldens/float32.json).
//
// A gradient in Float is as good as its rectifiers' masks: where a value lies so close to 0 that rounding turns its sign, the
// gradient jumps by some 1e-3 to 1e-2. The figures of PyTorch show both kinds of batches; which kind one is, the oracle's
// values in front of the rectifiers say.

import Oracle

/// The bounds of one kind of weights and mode.
struct Float32Loss {
  /// A batch in front of whose rectifiers nothing lies nearer to 0 than this has no flipped masks: what rounding changes
  /// there is some 3e-7.
  static let kink = 1e-6

  private let smooth: [String: Double]
  private let flipped: [String: Double]

  /// - Parameter mode: `train` or `eval`.
  init(weights: String, mode: String) throws {
    let cases = try golden("float32", as: GoldenFloat32.self).cases
    func figures(_ item: GoldenFloat32.Case) -> [String: [Double]] {
      item.gradients.merging(["pixels": item.pixels]) { a, _ in a }
    }
    let all = cases.map(figures)
    let own = cases.filter { $0.weights == weights && $0.mode == mode }.map(figures)
    let names = all[0].keys
    flipped = Dictionary(uniqueKeysWithValues: names.map { name in (name, all.flatMap { $0[name]! }.max()!) })
    // The flipped batches are a hundred times worse than the others.
    smooth = Dictionary(
      uniqueKeysWithValues: names.map { name in (name, own.flatMap { $0[name]! }.filter { $0 < 1e-4 }.max()!) })
  }

  /// The bound of a tensor's relative L2 norm.
  func bound(_ name: String, isSmooth: Bool) -> Double { 3 * (isSmooth ? smooth : flipped)[name]! }
}
