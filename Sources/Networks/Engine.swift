// What layers share while they run: threads, scratch memory, and the way to the other ranks.

import Classification
import Kernels
import Parallelism
import Synchronization
import Tensors

/// The scratch memory of one worker.
struct Scratch {
  /// A group of images with their borders.
  let padded: UnsafeMutablePointer<Float>
  /// What a convolution's algorithm needs.
  let workspace: UnsafeMutablePointer<Float>
}

/// Threads, scratch memory and the reduction over ranks of one network.
package final class Engine {
  package let pool: ThreadPool
  package let reduction: any BatchReduction
  /// How convolutions are computed.
  package let convolution: ConvolutionChoice
  /// Who multiplies the matrices of transformed convolutions.
  package let product: MatrixProduct
  /// Who does in passes in bfloat16; nil where there are to be none.
  package let bfloat16: BFloat16Unit?
  /// Bytes of packed filters that all threads together have read, whatever caches keep of them.
  package var filterBytes: Int { readBytes.load(ordering: .relaxed) }
  private let readBytes = Atomic<Int>(0)
  private var scratch: [(padded: Tensor, workspace: Tensor)] = []
  /// Transformed values that all threads multiply together.
  private(set) var shared = Tensor(Shape(n: 0, c: 1))

  package init(
    pool: ThreadPool, reduction: any BatchReduction, convolution: ConvolutionChoice = .auto,
    product: MatrixProduct = .swift, bfloat16: BFloat16Unit? = nil
  ) {
    self.pool = pool
    self.reduction = reduction
    self.convolution = convolution
    self.product = product
    self.bfloat16 = bfloat16
  }

  /// One for a network that is asked what it would take, or tried alone: one thread, no other ranks.
  package static func describing(_ convolution: ConvolutionChoice = .auto, bfloat16: BFloat16Unit? = nil) -> Engine {
    Engine(
      pool: ThreadPool(threadCount: 1), reduction: LocalBatchReduction(), convolution: convolution, bfloat16: bfloat16)
  }

  /// Gives each worker so many Floats of scratch memory.
  func reserveScratch(padded: Int, workspace: Int) {
    if let own = scratch.first, own.padded.count >= padded, own.workspace.count >= workspace { return }
    scratch = (0..<pool.threadCount).map { _ in
      (Tensor(Shape(n: 1, c: padded)), Tensor(Shape(n: 1, c: workspace)))
    }
  }

  /// Whether a worker's scratch memory holds so many Floats.
  func holds(padded: Int, workspace: Int) -> Bool {
    scratch.first.map { $0.padded.count >= padded && $0.workspace.count >= workspace } ?? false
  }

  /// Counts packed filters that a thread reads; of any thread.
  func readFilters(_ count: Int) { readBytes.wrappingAdd(count * MemoryLayout<Float>.size, ordering: .relaxed) }

  /// Makes room for so many Floats of transformed values.
  func reserveShared(_ count: Int) {
    if shared.count < count { shared = Tensor(Shape(n: 1, c: count)) }
  }

  /// Runs `body` for each piece in 0 ..< count, with the scratch memory of its worker.
  func forEach(_ count: Int, _ body: (_ piece: Int, _ scratch: Scratch) -> Void) {
    pool.forEach(count) { piece, worker in
      let own = scratch[worker]
      body(piece, Scratch(padded: own.padded.pointer, workspace: own.workspace.pointer))
    }
  }

  /// Into how many groups of at most `size` images `count` fall: as many as are needed, and enough for all threads.
  func groupCount(of count: Int, size: Int) -> Int {
    let least = (count + size - 1) / size
    return min(count, (least + pool.concurrency - 1) / pool.concurrency * pool.concurrency)
  }

  /// Runs `body` over groups of at most `groupSize` consecutive ones of some images, as equal as can be, each with its worker's
  /// scratch memory.
  func forEachGroup(
    of images: Range<Int>, size groupSize: Int, _ body: (_ images: Range<Int>, _ scratch: Scratch) -> Void
  ) {
    let (first, count) = (images.lowerBound, images.count)
    let groups = groupCount(of: count, size: groupSize)
    forEach(groups) { group, scratch in
      body(first + group * count / groups..<first + (group + 1) * count / groups, scratch)
    }
  }
}
