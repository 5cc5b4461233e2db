// One direction of a convolution by one algorithm, with memory to run it as the engine does: group by group, padded images
// in the cache, outputs to the memory of a whole batch.

import Kernels
import Networks
import Tensors

/// A convolution that can be run.
final class ConvolutionCase {
  /// Which of the three.
  enum Direction: String, Encodable, CaseIterable {
    case forward
    case inputGradient = "input gradient"
    case weightGradient = "weight gradient"
  }

  let algorithm: String
  /// Multiplications really made over those of the direct sum.
  let multiplicationShare: Double
  /// Bytes of packed filters that each group reads; of the weight gradient those of dw.
  let filterBytes: Int
  /// Images that are taken at once.
  let groupSize: Int
  let images: Int
  private let body: () -> Void

  /// - Parameters:
  ///   - images: of a batch.
  ///   - shardSize: images of a shard, for the weight gradient.
  init(_ g: ConvolutionGeometry, _ direction: Direction, _ choice: ConvolutionChoice, images: Int, shardSize: Int = 8) {
    self.images = images
    let outputCount = g.outputPixels * g.outputChannels
    let inputCount = g.height * g.width * g.inputChannels
    let filters = Self.ones(g.filterCount)
    func packed(_ program: any ImageProgram) -> Tensor {
      let packed = Tensor(Shape(n: 1, c: program.packedCount))
      let workspace = Tensor(Shape(n: 1, c: program.workspaceCount))
      for panel in 0..<program.panelCount {
        program.pack(filters.pointer, into: packed.pointer, panel: panel, workspace: workspace.pointer)
      }
      return packed
    }
    switch direction {
    case .forward, .inputGradient:
      let isForward = direction == .forward
      let programs = isForward ? [choice.forward(g)] : choice.inputGradient(g)
      let parts = programs.map { (program: $0, packed: packed($0)) }
      let group = min(images, g.groupSize)
      groupSize = group
      let stride = isForward ? g.paddedInputCount : g.paddedOutputCount
      let input = Self.ones(group * stride)
      let outputStride = isForward ? outputCount : inputCount
      let output = Self.ones(images * outputStride)
      let workspace = Self.ones(programs.map(\.workspaceCount).max() ?? 0)
      algorithm = programs[0].algorithm
      multiplicationShare = programs[0].multiplicationShare
      filterBytes = 4 * programs.reduce(0) { $0 + $1.packedCount }
      body = {
        for first in Swift.stride(from: 0, to: images, by: group) {
          for (program, packed) in parts {
            program.run(
              input: input.pointer, inputStride: stride, packed: packed.pointer,
              output: output.pointer + first * outputStride, outputStride: outputStride, residual: nil,
              images: min(group, images - first), workspace: workspace.pointer, ahead: FetchAhead())
          }
        }
      }
    case .weightGradient:
      let program = choice.weightGradient(g)
      let group = min(images, max(shardSize, program.imagesAtOnce / shardSize * shardSize))
      groupSize = group
      let input = Self.ones(group * g.paddedInputCount)
      let dy = Self.ones(images * outputCount)
      let dw = Self.ones(g.filterCount)
      let workspace = Self.ones(program.workspaceCount)
      algorithm = program.algorithm
      multiplicationShare = program.multiplicationShare
      filterBytes = 4 * g.filterCount
      body = {
        for first in Swift.stride(from: 0, to: images, by: group) {
          program.run(
            input: input.pointer, inputStride: g.paddedInputCount, dy: dy.pointer + first * outputCount,
            dyStride: outputCount, dw: dw.pointer, images: min(group, images - first), shardSize: shardSize,
            workspace: workspace.pointer
          ) { count, piece in for i in 0..<count { piece(i) } }
        }
      }
    }
  }

  /// Runs over all images.
  func run() { body() }

  static func ones(_ count: Int) -> Tensor {
    let tensor = Tensor(Shape(n: 1, c: count))
    tensor.pointer.update(repeating: 1, count: count)
    return tensor
  }
}
