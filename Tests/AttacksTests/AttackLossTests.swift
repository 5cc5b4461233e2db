import Attacks
import Glibc
import Testing

/// What attacks climb: the losses as their formulas have them in Double, and gradients against central differences of these.
@Suite struct AttackLossTests {
  /// L of the logits, written from METHODS' formulas: by sorting, in Double.
  private static func expected(_ loss: AttackLoss, _ goal: Goal, _ z: [Double]) -> Double {
    let sorted = z.sorted(by: >)
    let y = goal.label
    let rival = z.indices.filter { $0 != y }.map { z[$0] }.max()!
    func logSum() -> Double {
      let shifts = z.map { exp($0 - sorted[0]) }
      return log(shifts.reduce(0, +)) + sorted[0]
    }
    switch (loss, goal) {
    case (.crossEntropy, .avoid): return logSum() - z[y]
    case (.crossEntropy, .reach(let t, _)): return z[t] - logSum()
    case (.margin, .avoid): return rival - z[y]
    case (.margin, .reach(let t, _)): return z[t] - z[y]
    case (.logitRatio, .avoid):
      return z.count == 2 ? rival - z[y] : (rival - z[y]) / (sorted[0] - sorted[2] + 1e-12)
    case (.logitRatio, .reach(let t, _)):
      switch z.count {
      case 2, 3: return z[t] - z[y]
      default: return (z[t] - z[y]) / (sorted[0] - (sorted[2] + sorted[3]) / 2 + 1e-12)
      }
    case (.divergence, _): return .nan
    }
  }

  /// Logits without near ties, so that the order stays while one of them is moved a little.
  private static let rows: [[Float]] = [
    [2.5, -1, 0.25, 4, 1.5], [-3, 0.5, 7, 2, -1.25, 3, 0, 1], [0.5, 1.25, -2], [3, -1, 0.5], [0.75, -0.5], [-2, 1],
    [1, 2, 3, 4],
  ]

  @Test(arguments: [AttackLoss.crossEntropy, .logitRatio, .margin], rows)
  func followsItsFormula(loss: AttackLoss, row: [Float]) {
    let goals =
      row.indices.map { Goal.avoid($0) }
      + row.indices.flatMap { y in row.indices.filter { $0 != y }.map { Goal.reach($0, from: y) } }
    for goal in goals {
      var gradient = [Float](repeating: .nan, count: row.count)
      let value = loss.evaluate(
        row, classes: row.count, goal, reference: row, gradient: &gradient)
      let z = row.map(Double.init)
      let scale = max(1, abs(Self.expected(loss, goal, z)))
      // A few roundings of single precision.
      #expect(abs(Double(value) - Self.expected(loss, goal, z)) < 2e-6 * scale, "\(loss), \(goal), \(row)")
      for k in z.indices {
        let h = 1e-4
        var (up, down) = (z, z)
        up[k] += h
        down[k] -= h
        let slope = (Self.expected(loss, goal, up) - Self.expected(loss, goal, down)) / (2 * h)
        #expect(abs(Double(gradient[k]) - slope) < 1e-5 * max(1, abs(slope)), "\(loss), \(goal), \(row), logit \(k)")
      }
    }
  }
}
