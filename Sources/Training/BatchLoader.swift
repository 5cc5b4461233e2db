// A rank's part of each batch: images varied by the recipe's steps, labels, addresses.

import Augmentations
import Classification
import Datasets
import Methods
import Tensors

/// Loads batches; each takes the memory of the one before.
final class BatchLoader {
  private let run: Run
  private let augmentation: Augmentation
  /// Of each thread.
  private let canvases: [AugmentationCanvas]
  private let images: Tensor
  private var examples: [Int] = [], labels: [Int] = []
  private var labelCounts: [Int]

  /// - Parameter share: the most examples of a batch that this rank holds.
  init(_ run: Run, share: Int) {
    self.run = run
    augmentation = run.recipe.augmentation.chain
    let (height, width) = (run.dataset.height, run.dataset.width)
    canvases = (0..<run.pool.threadCount).map { _ in AugmentationCanvas(height: height, width: width) }
    labelCounts = [Int](repeating: 0, count: run.network.classCount)
    images = Tensor(Shape(n: share, h: run.dataset.height, w: run.dataset.width, c: 3))
  }

  /// This rank's part of the batch of the training examples at `positions` of the split.
  func load(_ positions: ArraySlice<Int>, _ slice: BatchSlice, epoch: Int) -> TrainingBatch {
    let first = slice.shards.isEmpty ? 0 : slice.layout.examples(of: slice.shards.lowerBound).lowerBound
    examples.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    for position in positions.dropFirst(first).prefix(slice.count) {
      examples.append(run.split.train[position])
      labels.append(Int(run.dataset.train.labels[run.split.train[position]]))
    }
    for k in labelCounts.indices { labelCounts[k] = 0 }
    for position in positions { labelCounts[Int(run.dataset.train.labels[run.split.train[position]])] += 1 }
    let own = images.prefix(slice.count)
    run.pool.forEach(slice.count) { n, thread in
      augmentation.write(
        examples[n], of: run.dataset.train, seed: run.recipe.training.seed, epoch: epoch, by: canvases[thread],
        to: own.image(n))
    }
    return TrainingBatch(
      images: own, labels: labels, examples: examples, labelCounts: labelCounts, slice: slice, epoch: epoch)
  }
}
