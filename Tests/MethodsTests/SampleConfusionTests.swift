import Fairness
import Methods
import Tensors
import Testing

/// Targets from what an example was last taken for.
@Suite struct SampleConfusionTests {
  private func confusion(_ rows: [[Float]]) -> SampleConfusion {
    let confusion = SampleConfusion(examples: rows.count, classes: rows[0].count)
    for (example, row) in rows.enumerated() {
      row.withUnsafeBufferPointer { confusion.store($0.baseAddress!, of: example) }
    }
    return confusion
  }

  @Test func conditionalRows() {
    let confusion = confusion([[0.5, 0.25, 0.125, 0.125], [0, 0, 0, 0]])
    // Without the label 2: 4/7, 2/7, 1/7.
    let near = [0, 0.571, 0.572, 0.857, 0.858]
    #expect(near.map { confusion.target(of: 0, label: 2, uniform: $0) } == [0, 0, 1, 1, 3])
    // Not attacked yet: uniform over the others.
    #expect([0, 0.34, 0.67].map { confusion.target(of: 1, label: 0, uniform: $0) } == [1, 2, 3])
  }

  /// Rows without their labels: (0, 1, 0) and (2/3, 0, 1/3); an example that was not attacked does not count.
  @Test func theMeanIsThatOfConditionalRows() {
    let confusion = confusion([[0.5, 0.5, 0], [0.5, 0.25, 0.25], [0, 0, 0]])
    let mean = confusion.mean(of: [0, 1, 2]) { $0 }.probabilities
    for (value, expected) in zip(mean, [1.0 / 3, 1.0 / 2, 1.0 / 6]) { #expect(abs(value - expected) < 1e-15) }
    #expect(confusion.mean(of: [2]) { _ in 0 } == .uniform(classCount: 3))
  }

  @Test func whatARunCannotHaveStored() {
    #expect(confusion([[0.5, 0.5, 0], [0, 0, 0]]).fault == nil)
    for row in [[0.5, 0.6, 0], [-0.5, 1, 0.5], [.nan, 0, 0], [2, -1, 0]] as [[Float]] {
      #expect(confusion([[1, 0, 0], row]).fault?.contains("example 1") == true)
    }
  }
}
