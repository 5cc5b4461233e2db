// A part of what a run takes in memory, and what to lower where there is not so much.

import Recipes
import Tensors

/// Bytes, and what they hang on.
package struct MemoryPart: Sendable {
  /// What a user can lower.
  package enum Cause: String, Codable, Sendable {
    case network, classes, batch, evaluationBlock, threads, images
    /// The exchange that a benchmark was asked for.
    case exchange
    /// Nothing.
    case program
  }

  package let cause: Cause
  package let bytes: Amount
  /// How many things the bytes are for, each as many; lowering below one of them is not possible.
  package let items: Int

  package init(_ cause: Cause, _ bytes: Amount, items: Int = 1) {
    self.cause = cause
    self.bytes = bytes
    self.items = items
  }
}

/// What causes are called: keys of a recipe with their values, or options of a benchmark.
package struct MemoryNames: Sendable {
  private let names: [MemoryPart.Cause: String]

  package init(_ names: [MemoryPart.Cause: String]) { self.names = names }

  /// The keys of a recipe.
  package init(_ recipe: Recipe, images: Int, threads: Int) {
    let isSynthetic = recipe.data.name == "synthetic" && recipe.data.path == nil
    names = [
      .network: recipe.model.sizes,
      .classes: recipe.model.classes.map { "model.classes (\($0))" } ?? "the number of classes",
      .batch: "training.batch-size (\(recipe.training.batchSize))",
      .evaluationBlock: "evaluation.batch (\(recipe.evaluation.batch))",
      .threads: "engine.threads (\(threads))",
      .images: isSynthetic
        ? "data.train-count (\(recipe.data.trainCount)), data.test-count (\(recipe.data.testCount)) or data.size "
          + "(\(recipe.data.size))"
        : "data.limit-train and data.limit-test (\(images) images in all)",
    ]
  }

  subscript(cause: MemoryPart.Cause) -> String { names[cause] ?? "what was asked for" }
}
