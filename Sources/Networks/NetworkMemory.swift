// What a network takes in memory, in Floats: the formulas beside what `reserve` really takes.

/// Floats that a network needs.
package struct NetworkMemory: Sendable {
  /// For each image held at once: what a forward pass keeps, gradients, parts of BatchNorm's sums.
  package var image = 0
  /// Filters packed for both directions.
  package var packed = 0
  /// Scratch memory of each thread.
  package var thread = 0
  /// What all threads share for the weight gradients: padded inputs of the shards taken at once and a workspace.
  package var shard = 0
  /// Transformed values that several threads multiply together: for each image held at once, and at most for each thread.
  package var sharedImage = 0, sharedThread = 0

  /// Floats of transformed values that so many threads share.
  package func shared(images: Int, threads: Int) -> Int {
    threads > 1 ? min(images * sharedImage, threads * sharedThread) : 0
  }
}
