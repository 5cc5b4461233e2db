// Gradients inside a block of cross-covariance attention, and what of them enters its branches.

import Kernels
import Tensors

/// Gradients inside a block, in memory that all blocks share.
struct TokenGradients {
  let dz: Tensor, dqkv: Tensor, dc: Tensor, dx1: Tensor, dx2: Tensor
  /// dτ of each head.
  let dTemperature: Tensor
  /// dw and db of a depthwise convolution.
  let parts: Tensor
  /// What enters each branch, where some images go without; else none.
  let branches: [Tensor]

  init(images: Int, _ map: Shape, heads: Int, drawsPaths: Bool) {
    func wide(_ factor: Int) -> Tensor { Tensor(Shape(n: images, h: map.h, w: map.w, c: factor * map.c)) }
    (dz, dqkv, dc, dx1, dx2) = (wide(4), wide(3), wide(1), wide(1), wide(1))
    dTemperature = Tensor(Shape(n: images, c: heads))
    parts = Tensor(Shape(n: images, c: 10 * map.c))
    branches = drawsPaths ? [wide(1), wide(1), wide(1)] : []
  }

  /// Floats of an image.
  static func imageCount(_ map: Shape, heads: Int, drawsPaths: Bool) -> Int {
    (drawsPaths ? 13 : 10) * map.imageCount + heads + 10 * map.c
  }
}

/// The gradients that enter the branches of a block: those behind it, times the branch's factor of the image.
struct BranchGradients {
  private let paths: PathFactors
  private let behind: (Tensor, Tensor, Tensor)
  private let scaled: [Tensor]

  /// - Parameter behind: the gradients behind the sums that the branches end in.
  init(_ paths: PathFactors, _ memory: TokenGradients, _ behind: (Tensor, Tensor, Tensor)) {
    self.paths = paths
    self.behind = behind
    scaled = memory.branches
  }

  subscript(branch: Int) -> Tensor { paths.areDrawn ? scaled[branch] : unscaled(branch) }

  private func unscaled(_ branch: Int) -> Tensor {
    switch branch {
    case 0: behind.0
    case 1: behind.1
    default: behind.2
    }
  }

  /// Makes those of some images, once the gradient behind is complete.
  func scale(_ branch: Int, _ images: Range<Int>) {
    guard paths.areDrawn else { return }
    let (from, to) = (unscaled(branch), scaled[branch])
    for n in images {
      to.image(n).update(from: from.image(n), count: from.shape.imageCount)
      Elementwise.scale(to.image(n), by: paths.of(n, branch), count: from.shape.imageCount)
    }
  }
}
