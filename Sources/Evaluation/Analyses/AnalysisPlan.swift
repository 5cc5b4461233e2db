// Which attacks an analysis makes.
//
// All are untargeted or targeted PGD in L∞ from one uniform start. A step is 2.5 ε / steps long: from wherever it starts in the ball the
// search can reach every other place in it, and still settle there (Madry et al., ICLR 2018, use 2.5 ε / steps, too). With ε = 8/255
// and ten steps that is 2/255, the attack of the paper's tables.

import Attacks

/// The attacks of one analysis.
package struct AnalysisPlan: Equatable, Sendable {
  /// Steps of every attack but those of the curve against steps.
  package let steps: Int
  /// The radius of every attack but those of the curve against ε, pixels in [0, 1].
  package let epsilon: Double

  package init(steps: Int, epsilon: Double) {
    self.steps = steps
    self.epsilon = epsilon
  }

  /// The curve against ε, in units of 1/255.
  package static let radii = [0, 1, 2, 4, 6, 8, 12, 16]
  /// The curve against steps; with none there is only the random start.
  package static let stepCounts = [0, 1, 2, 5, 10, 20, 50]

  /// One attack of a curve.
  package struct Setting: Hashable, Sendable {
    package let epsilon: Double
    package let steps: Int

    /// The length of a step, pixels in [0, 1].
    package var stepSize: Double { steps == 0 ? 0 : 2.5 * epsilon / Double(steps) }

    package var pgd: PGD { PGD(steps: steps, stepSize: Float(stepSize)) }

    package var plan: AttackPlan { .pgd(steps: steps, stepSize: Float(stepSize), epsilon: Float(epsilon)) }

    /// Passes for an image that is attacked and judged.
    package var passes: Int { 2 * steps + 1 }
  }

  /// The attack where nothing else is said.
  package var setting: Setting { Setting(epsilon: epsilon, steps: steps) }

  package var byEpsilon: [Setting] { Self.radii.map { Setting(epsilon: Double($0) / 255, steps: steps) } }

  package var bySteps: [Setting] { Self.stepCounts.map { Setting(epsilon: epsilon, steps: $0) } }

  /// Every attack that is evaluated, once.
  package var evaluated: Set<Setting> { Set(byEpsilon + bySteps + [setting]) }

  /// Passes for each image of one model.
  ///
  /// - Parameter targets: classes that are aimed at.
  package func passes(targets: Int) -> Int {
    evaluated.reduce(0) { $0 + 1 + $1.passes } + (1 + targets) * setting.passes
  }
}
