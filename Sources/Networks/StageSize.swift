// The size of a residual network of four stages, w, 2w, 4w and 8w channels, from the tensors at its ends.

import Options

enum StageSize {
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
