// A rank's part of each batch: images cropped and mirrored, labels, addresses.

import Classification
import Datasets
import Methods
import Tensors

/// Loads batches; each takes the memory of the one before.
final class BatchLoader {
  private let run: Run
  private let augmentation: Augmentation
  private let images: Tensor
  private var examples: [Int] = [], labels: [Int] = []
  private var labelCounts: [Int]

  /// - Parameter share: the most examples of a batch that this rank holds.
  init(_ run: Run, share: Int) {
    self.run = run
    augmentation = Augmentation(crop: run.recipe.augmentation.crop, flip: run.recipe.augmentation.flip)
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
    run.pool.forEach(slice.count) { n, _ in
      augmentation.write(
        examples[n], of: run.dataset.train, seed: run.recipe.training.seed, epoch: epoch, to: own.image(n))
    }
    return TrainingBatch(
      images: own, labels: labels, examples: examples, labelCounts: labelCounts, slice: slice, epoch: epoch)
  }
}
