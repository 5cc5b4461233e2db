// The algorithms of a convolution's two directions in one precision, and their packed filters.

import Kernels
import Tensors

/// Forward and input gradient, with memory for the filters of both.
struct ConvolutionPrograms {
  let forward: any ImageProgram
  let gradients: [any ImageProgram]
  let packed = PackedFilters()

  var all: [any ImageProgram] { [forward] + gradients }
  /// Floats of the packed filters.
  var packedCount: Int { all.reduce(0) { $0 + $1.packedCount } }

  /// Makes room for the packed filters.
  func reserve() {
    guard packed.gradient.isEmpty else { return }
    packed.forward = Tensor(Shape(n: 1, c: forward.packedCount))
    packed.gradient = gradients.map { Tensor(Shape(n: 1, c: $0.packedCount)) }
  }

  /// Packs the filters for both directions; `reserve` comes first.
  func prepare(_ filters: UnsafePointer<Float>, _ engine: Engine) {
    func pack(_ program: any ImageProgram, _ packed: Tensor) {
      engine.forEach(program.panelCount) { panel, scratch in
        program.pack(filters, into: packed.pointer, panel: panel, workspace: scratch.workspace)
      }
    }
    pack(forward, packed.forward)
    for (program, memory) in zip(gradients, packed.gradient) { pack(program, memory) }
  }
}
