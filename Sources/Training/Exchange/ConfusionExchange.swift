// What each rank's examples were taken for, brought to all ranks: whoever holds an example next draws its target from it.

import Classification
import Communication
import Methods
import Tensors

/// Stores the probabilities of a whole batch on every rank, whoever made them.
final class ConfusionExchange {
  private let communicator: any Communicator
  /// Of a batch, in its order: the ranks hold runs of consecutive examples.
  private let gathered: Tensor
  private var counts: [Int]

  /// - Parameters:
  ///   - batch: examples of the largest batch.
  init(_ communicator: any Communicator, batch: Int, classes: Int) {
    self.communicator = communicator
    gathered = Tensor(Shape(n: batch, c: classes))
    counts = [Int](repeating: 0, count: communicator.size)
  }

  /// A call of all ranks.
  ///
  /// - Parameters:
  ///   - own: of this rank's examples, in their order.
  ///   - example: the example at a place of the global batch.
  func store(_ own: Tensor, _ slice: BatchSlice, in confusion: SampleConfusion, example: (Int) -> Int) throws {
    let width = gathered.shape.c
    let layout = slice.layout
    for rank in counts.indices {
      let shards = layout.shards(of: rank, size: communicator.size)
      let examples = shards.reduce(0) { $0 + layout.examples(of: $1).count }
      counts[rank] = examples * width * MemoryLayout<Float>.stride
    }
    try communicator.allGather(
      UnsafeRawBufferPointer(own.prefix(slice.count).elements),
      into: UnsafeMutableRawBufferPointer(gathered.prefix(layout.batchSize).elements), counts: counts)
    for place in 0..<layout.batchSize { confusion.store(gathered.image(place), of: example(place)) }
  }
}
