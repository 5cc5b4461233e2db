// Every metric of the catalogue, by hand and at the edges.

import Fairness
import Foundation
import Testing

@Suite struct MetricTests {
  @Test func valuesByHand() throws {
    let matrix = ConfusionMatrix(classCount: 3, flat: [1, 1, 0, 0, 2, 0, 1, 1, 1])
    var values: [String: Double] = [:]
    for (name, metric) in MetricCatalog.all { values[name] = metric.value(of: matrix) }
    let third = 1.0 / 3
    #expect(values["accuracy"] == 4.0 / 7)
    #expect(values["worst-class-accuracy"] == third)
    #expect(values["class-accuracy-spread"] == 1 - third)
    // - 1/3 log 1/3 - 2/3 log 2/3 = log 3 - 2/3 log 2
    let entropy: Double = log(3) - 2 * third * log(2)
    #expect(abs(try #require(values["cfp-entropy"]) - entropy) < 1e-15)
  }

  @Test func everyMetricIsUndefinedWithoutExamples() {
    for (name, metric) in MetricCatalog.all {
      #expect(metric.value(of: ConfusionMatrix(classCount: 3)).isNaN, "\(name)")
    }
  }

  @Test func namesAreUniqueAndFound() {
    #expect(Set(MetricCatalog.all.map(\.key)).count == MetricCatalog.all.count)
  }

  @Test func evenErrorsHaveTheLargestEntropy() {
    let even = confusion(correct: [5, 5, 5, 5], examples: [8, 8, 8, 8])
    #expect(abs(CFPEntropy().value(of: even) - log(4)) < 1e-15)
    let one = confusion(correct: [5, 8, 8, 8], examples: [8, 8, 8, 8])
    #expect(CFPEntropy().value(of: one) == 0)
    #expect(CFPEntropy().value(of: confusion(correct: [8, 8], examples: [8, 8])).isNaN)
  }
}
