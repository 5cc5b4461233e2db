// What is said while an evaluation goes on.

import Evaluation
import Foundation
import Platform
import Training

/// Says how far an evaluation is, once in a while: short ones pass in silence.
final class EvaluationPace {
  private let console: Console
  private var last = ContinuousClock.now
  private static let interval = Duration.seconds(5)

  init(_ console: Console) { self.console = console }

  func show(_ progress: EvaluationProgress) {
    guard ContinuousClock.now - last >= Self.interval else { return }
    last = .now
    console.progress(
      String(
        format: "%@ (%d of %d)  %d of %d images  %d robust  %@ left", progress.stage, progress.number, progress.stages,
        progress.judged, progress.all, progress.robust, PlainText.duration(progress.secondsLeft)))
  }
}
