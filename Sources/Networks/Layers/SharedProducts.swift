// Which convolutions all threads of a rank compute together (Kernels/Winograd/TransformedProgram.swift), and how.
//
// A thread that has 64 tiles of its own multiplies them for all filters, since reading these costs little beside that. In deep
// layers, whose filters no near cache holds, and wherever there are fewer tiles, threads transform images each, multiply all
// of these images' tiles together, each by other filters, and transform back each the images that it comes to.

import Kernels
import Tensors

extension Engine {
  /// Tiles a thread that are at work at once.
  static let tilesPerThread = 64

  /// The program, if the threads are to share its products for so many images: not where each has work of its own.
  func shares(_ program: any ImageProgram, _ geometry: ConvolutionGeometry, images: Int) -> (any TransformedProgram)? {
    guard pool.concurrency > 1, !pool.isAtWork, let program = program as? any TransformedProgram else { return nil }
    let isDeep = geometry.outputPixels <= Self.tilesPerThread
    return isDeep || images * program.imageTiles <= Self.tilesPerThread * pool.concurrency ? program : nil
  }

  /// Images whose products are shared at once.
  private func imagesAtOnce(_ program: any TransformedProgram) -> Int {
    max(1, Self.tilesPerThread * pool.concurrency / program.imageTiles)
  }

  /// Floats of transformed values that a program shares for so many images, or fewer.
  func sharedCount(_ program: any ImageProgram, images: Int) -> Int {
    guard pool.concurrency > 1, let program = program as? any TransformedProgram else { return 0 }
    return program.blockCount(images: min(images, imagesAtOnce(program)))
  }

  /// Runs a program over some images, all threads on the same products; room for these comes from `reserveShared`.
  ///
  /// - Parameters:
  ///   - load: lays one image, padded, into scratch memory.
  ///   - finish: does what follows for one image.
  func runTogether(
    _ program: any TransformedProgram, packed: Tensor, images range: Range<Int>, into output: Tensor, residual: Tensor?,
    load: (_ images: Range<Int>, _ scratch: Scratch) -> Void, finish: (_ images: Range<Int>, _ scratch: Scratch) -> Void
  ) {
    let most = imagesAtOnce(program)
    precondition(program.blockCount(images: min(range.count, most)) <= shared.count, "reserveShared comes first")
    var first = range.lowerBound
    while first < range.upperBound {
      let images = min(most, range.upperBound - first)
      let block = program.block(shared.pointer, images: images)
      forEach(images) { i, scratch in
        load(first + i..<first + i + 1, scratch)
        program.transformInput(scratch.padded, into: block, at: i * program.imageTiles)
      }
      // Enough parts for threads that are not equally fast; neighbouring panels follow each other in memory.
      let pieces = program.pieces
      let parts = min(pieces, 8 * pool.concurrency)
      forEach(parts) { part, _ in
        program.multiply(
          part * pieces / parts..<(part + 1) * pieces / parts, block, packed: packed.pointer, images: images)
      }
      forEach(images) { i, scratch in
        program.transformOutput(
          block, at: i * program.imageTiles, into: output.image(first + i), residual: residual?.image(first + i))
        finish(first + i..<first + i + 1, scratch)
      }
      readFilters(program.packedCount)
      first += images
    }
  }
}
