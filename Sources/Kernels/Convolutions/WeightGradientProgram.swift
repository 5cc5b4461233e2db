// The weight gradient of a convolution as the engine runs it: padded inputs and dense output gradients of some shards.
//
// A layer of many channels has filters that no near cache holds, and a sum for each shard. So the shards of a small map
// are taken together: a piece of dw is made for one shard after another and added up along the tree while the cache has
// it, and only the sum is written to memory.

import Parallelism

/// An algorithm for dw of one geometry.
///
/// The sum over the images of a shard runs in an order that the geometry alone fixes, however pieces are spread; that
/// over shards is the tree's.
package protocol WeightGradientProgram: ConvolutionAlgorithm {
  /// Images whose shards `run` takes at once; one shard may have more.
  var imagesAtOnce: Int { get }
  /// Floats of scratch memory that `run` needs, for all threads together.
  var workspaceCount: Int { get }

  /// Overwrites dw, (kh, kw, I, O), with the sum over consecutive shards of one node of the tree.
  ///
  /// - Parameters:
  ///   - input: padded images, `inputStride` Floats apart.
  ///   - dy: dense images, `dyStride` Floats apart.
  ///   - images: those of one shard, or at most `imagesAtOnce`; the caller sees to it.
  ///   - shardSize: images of a shard; the last one may have fewer.
  ///   - workspace: `workspaceCount` Floats on a cache line.
  ///   - forEach: runs numbered pieces, on as many threads as the caller likes.
  func run(
    input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int, shardSize: Int, workspace: UnsafeMutablePointer<Float>,
    forEach: (_ count: Int, _ body: (Int) -> Void) -> Void)
}

extension WeightGradientProgram {
  /// Sums of a piece that wait for their right neighbours.
  var places: Int { SummationTree.places(imagesAtOnce) }
}

/// dw by sums over taps.
package struct DirectWeightGradient: WeightGradientProgram {
  private let program: TapProgram
  package let imagesAtOnce: Int

  package init(_ g: ConvolutionGeometry) {
    program = .forward(g)
    imagesAtOnce = max(1, 1024 / g.outputPixels)
  }

  package var algorithm: String { "direct" }
  package var multiplicationShare: Double { 1 }
  /// Threads take groups of pieces, each group with memory of its own.
  private var groups: Int { min(64, program.weightGradientPieces) }
  package var workspaceCount: Int { groups * places * TapProgram.weightPieceCount }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int, shardSize: Int, workspace: UnsafeMutablePointer<Float>,
    forEach: (_ count: Int, _ body: (Int) -> Void) -> Void
  ) {
    let pieces = program.weightGradientPieces
    forEach(groups) { group in
      let sums = workspace + group * places * TapProgram.weightPieceCount
      for piece in pieces * group / groups..<pieces * (group + 1) / groups {
        SummationTree.accumulate(
          (images + shardSize - 1) / shardSize,
          leaf: { shard, place in
            let first = shard * shardSize
            program.weightGradient(
              piece: piece, input: input + first * inputStride, inputStride: inputStride, dy: dy + first * dyStride,
              dyStride: dyStride, into: sums + place * TapProgram.weightPieceCount,
              images: min(shardSize, images - first))
          },
          add: { into, from in
            Elementwise.add(
              sums + into * TapProgram.weightPieceCount, sums + from * TapProgram.weightPieceCount,
              count: TapProgram.weightPieceCount)
          })
        program.storeWeightGradient(piece: piece, sums, into: dw)
      }
    }
  }
}
