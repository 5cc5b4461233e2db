// How far an analysis is, said once in a while.

import Foundation
import Platform
import Training

/// The progress line of `analyze`; speaks on rank 0.
struct AnalysisPace {
  private let console: Console
  private let models: [String]
  private var model = 0
  /// Passes of images of the model at work, and how many it takes.
  private var done = 0, all = 1
  /// Whether no other model comes after it.
  private var isLast = false
  private var began = ContinuousClock.now
  private var last = ContinuousClock.now
  private static let interval = Duration.seconds(5)

  init(_ console: Console, models: [String]) {
    self.console = console
    self.models = models
  }

  /// A model begins.
  ///
  /// - Parameter passes: forward and backward passes of images that it takes.
  mutating func begin(_ model: Int, passes: Int, isLast: Bool? = nil) {
    self.model = model
    self.isLast = isLast ?? (model + 1 == models.count)
    (done, all) = (0, max(1, passes))
    began = .now
  }

  /// What is at work, and the passes that are made.
  mutating func show(_ work: String, _ passes: Int) {
    done = max(done, passes)
    guard ContinuousClock.now - last >= Self.interval else { return }
    last = .now
    let share = min(1, Double(done) / Double(all))
    // Other models are taken to need as long as this one.
    let whole = (last - began) / .seconds(1) / max(share, 1e-6)
    let left = whole * (1 - share + (isLast ? 0 : Double(models.count - 1 - model)))
    console.progress(
      String(
        format: "%@ (%d of %d)  %@  %.0f %%  %@ left", models[model], model + 1, models.count, work, 100 * share,
        share < 0.01 ? "?" : PlainText.duration(left)))
  }

  /// The model is done.
  mutating func end() { done = all }
}
