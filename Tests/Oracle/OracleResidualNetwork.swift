// Residual networks other than PreActResNet-18, as their papers define them:
//
//   resnet18             He, Zhang, Ren, Sun: Deep residual learning for image recognition. CVPR 2016; for small images
//   preactresnet18-frl   PreActResNet-18 without the last BatchNorm and ReLU
//   wideresnet-...       Zagoruyko, Komodakis: Wide residual networks. BMVC 2016; TRADES' names
//
// Where a shortcut is convolved and where strides stand is read from the weights.

import Tensors

/// The name of a network, and a forward pass of it.
package struct OracleResidualNetwork {
  package let name: String

  package init(_ name: String) { self.name = name }

  /// Logits of pixels, and the value whose gradient is that in the pixels.
  package func forward(_ tape: OracleTape, _ images: OracleTensor) -> (pixels: OracleValue, logits: OracleValue) {
    let (pixels, normalised) = tape.pixels(images)
    var x = tape.convolution(normalised, "conv1")
    if name.hasPrefix("wideresnet") {
      for stage in 1...3 {
        for index in 0..<count(tape, "block\(stage).layer") {
          x = preActivated(
            tape, x, "block\(stage).layer.\(index)", "convShortcut", stride: stage > 1 && index == 0 ? 2 : 1)
        }
      }
      return (pixels, tape.head(tape.rectifier(tape.norm(x, "bn1")), "fc"))
    }
    if name == "resnet18" { x = tape.rectifier(tape.norm(x, "bn1")) }
    for stage in 1...4 {
      for index in 0..<2 {
        let (block, stride) = ("layer\(stage).\(index)", stage > 1 && index == 0 ? 2 : 1)
        x =
          name == "resnet18"
          ? plain(tape, x, block, stride: stride) : preActivated(tape, x, block, "shortcut.0", stride: stride)
      }
    }
    return (pixels, tape.head(x, "linear"))
  }

  /// The state of the golden files: addressed weights, those of BatchNorms too, running mean 0 and variance 1.
  ///
  /// - Parameter parameters: names and shapes in PyTorch's order.
  package static func addressedState(_ parameters: [(name: String, shape: [Int])], seed: UInt64) -> [String:
    OracleTensor]
  {
    var state: [String: OracleTensor] = [:]
    var (isNorm, fanIn) = (false, 0)
    for (t, (name, shape)) in parameters.enumerated() {
      // The bias of a layer follows its weight.
      let isBias = name.hasSuffix(".bias")
      if !isBias { (isNorm, fanIn) = (shape.count == 1, shape.dropFirst().reduce(1, *)) }
      let stream = RandomStream(seed: seed, purpose: .initialization, example: t)
      let bound = 1 / Float(fanIn).squareRoot()
      let values = (0..<shape.reduce(1, *)).map { i in
        let u = stream.uniform(at: i)
        if name == "cls_token" { return Double(u - 0.5) }
        if name.hasSuffix(".temperature") { return Double(0.5 + u) }
        return Double(isNorm ? isBias ? u - 0.5 : 0.5 + u : (2 * u - 1) * bound)
      }
      state[name] = OracleTensor(shape: shape, values: values)
      guard isNorm, !isBias else { continue }
      let layer = name.dropLast(".weight".count)
      state["\(layer).running_mean"] = OracleTensor(shape: shape, repeating: 0)
      state["\(layer).running_var"] = OracleTensor(shape: shape, repeating: 1)
    }
    return state
  }

  private func count(_ tape: OracleTape, _ stage: String) -> Int {
    (0..<100).prefix { tape.state["\(stage).\($0).conv1.weight"] != nil }.count
  }

  private func preActivated(_ tape: OracleTape, _ x: OracleValue, _ block: String, _ shortcut: String, stride: Int)
    -> OracleValue
  {
    let o = tape.rectifier(tape.norm(x, "\(block).bn1"))
    let hasShortcut = tape.state["\(block).\(shortcut).weight"] != nil
    let s = hasShortcut ? tape.convolution(o, "\(block).\(shortcut)", stride: stride) : x
    let h = tape.convolution(o, "\(block).conv1", stride: stride)
    return tape.sum(tape.convolution(tape.rectifier(tape.norm(h, "\(block).bn2")), "\(block).conv2"), s)
  }

  private func plain(_ tape: OracleTape, _ x: OracleValue, _ block: String, stride: Int) -> OracleValue {
    let h = tape.rectifier(tape.norm(tape.convolution(x, "\(block).conv1", stride: stride), "\(block).bn1"))
    let y = tape.norm(tape.convolution(h, "\(block).conv2"), "\(block).bn2")
    let hasShortcut = tape.state["\(block).shortcut.0.weight"] != nil
    let s =
      hasShortcut ? tape.norm(tape.convolution(x, "\(block).shortcut.0", stride: stride), "\(block).shortcut.1") : x
    return tape.rectifier(tape.sum(y, s))
  }
}
