// Residual networks of four stages of two blocks, w, 2w, 4w and 8w channels: where strides stand, and the size from the
// tensors at both ends.

import Options

enum StageSize {
  /// Two blocks a stage; the first of each but the first stage has stride 2.
  static let blocks = (1...4).flatMap { stage in
    (0..<2).map { (stage: stage, index: $0, stride: stage > 1 && $0 == 0 ? 2 : 1) }
  }

  /// The width from the first convolution, (width, 3, 3, 3), and the classes from the linear layer, (classes, 8 width).
  static func of(_ shape: (String) -> [Int]?, _ title: String) -> Architecture.Size {
    guard let stem = shape("conv1.weight") else { return .missing("conv1.weight") }
    guard let linear = shape("linear.weight") else { return .missing("linear.weight") }
    guard stem.count == 4, stem[1...] == [3, 3, 3], Limits.width.contains(stem[0]) else {
      return .other(
        "conv1.weight", wanted: "a \(title) of width W has [W, 3, 3, 3] (W at most \(Limits.width.upperBound))")
    }
    guard linear.count == 2, linear[1] == 8 * stem[0], Limits.classes.contains(linear[0]) else {
      return .other(
        "linear.weight", wanted: "a \(title) of width \(stem[0]) with K classes has [K, \(8 * stem[0])]")
    }
    return .known(options: ["model.width": "\(stem[0])"], classes: linear[0])
  }
}
