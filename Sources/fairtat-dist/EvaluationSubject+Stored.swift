// Whose weights an evaluation judges, as its file will say.

import CPlatform
import Fairness
import Foundation
import Platform
import Reports
import Training

extension EvaluationSubject {
  /// What is known of stored weights, judged by the test images of a run; for rank 0.
  init(_ stored: StoredModel, _ weights: WeightKind, _ run: Run) {
    self.init(
      weights: weights.rawValue, data: run.dataset.name, digest: run.dataset.testDigest,
      program: "\(Version.number) \(String(cString: platform_built_level()))")
    classNames = stored.classNames ?? []
    guard let header = stored.header else { return }
    let values = RecipeValues(header.recipe)
    recipe = header.recipeName
    seed = values["training.seed"]
    step = header.step
    changed = seed.flatMap { RowResult.changes(values, of: header.recipeName, seed: $0) }
    definition = changed.map { _ in RowDefinition(values).lines }
    accepted = weights == .raw ? nil : header.accepted[weights.rawValue] ?? 0
    let isLast = header.stepInEpoch == 0 && values["training.epochs"] == "\(header.epoch)"
    moment = isLast ? .last : Self.isBest(stored.title, step: header.step) ? .best : .other
  }

  /// Whether the run that a checkpoint lies in has it for its best.
  private static func isBest(_ checkpoint: String, step: Int) -> Bool {
    let file = Path.join(Path.parent(of: Path.parent(of: checkpoint)), "best.json")
    guard let json = FileSystem.bytes(of: file, limit: 1 << 16) else { return false }
    return (try? JSONDecoder().decode(BestEpoch.self, from: Data(json)))?.step == step
  }
}
