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
}
