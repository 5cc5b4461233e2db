// What a full-width run takes, so that `doctor` can hold it against what there is: PreActResNet-18 of width 64 on 50,000 +
// 10,000 pictures of 32x32, batch 128, evaluation in blocks of 128, EMA and FAWA.
//
// Counted, in Floats:
//   of the model's P parameters: weights, momentum, EMA, FAWA, total gradient; packed filters, 3.5 P in each direction, as
//     Winograd's take 36 for 9; one gradient for each maximal subtree of the rank's shards (at most 2 log2 V, one where
//     ranks are a power of two)
//   of each example at once (the larger of its share and an evaluation's block): x and h of every block, the three
//     gradients that take turns, pictures and adversaries of training and evaluation
//   the long sums: the received blocks of all ranks' subtrees, together about P
// and 1 byte a value of the pictures, twice while they are read. The program itself and MPI: 150 MB.
//
// Measured on one rank with few pictures: 1.01 GiB, where this gives 1.05 without the pictures.

import Parallelism

/// Bytes that a rank of a full-width run needs.
struct MemoryNeed {
  static let batch = 128
  static let parameters = 11_173_962
  /// Floats of x, h and gradients of one example: 311,296 + 245,760 + 196,608.
  static let floatsPerExample = 753_664
  static let picture = 32 * 32 * 3

  /// Checkpoints that lie on the disk at once: 2 kept, the best, and the one in the making; each of 4 models.
  static let disk = 4 * 4 * 4 * parameters

  /// - Parameter ranks: of the run.
  static func bytes(rank: Int, of ranks: Int) -> Int {
    let layout = ShardLayout(batchSize: batch, shardSize: 8)
    let subtrees = max(1, SummationTree.maximalSubtrees(of: layout.shards(of: rank, size: ranks)).count)
    let examples = max(batch, layout.examples(ofRank: rank, size: ranks).count)
    let floats =
      parameters * (5 + 7 + subtrees + (ranks > 1 ? 1 : 0)) + examples * (floatsPerExample + 6 * picture)
    return 4 * floats + 2 * 60_000 * picture + 150_000_000
  }
}
