// Wide residual networks for small images:
//
//   conv 3x3 to 16 channels, 3 stages of n pre-activation blocks (16k, 32k, 64k channels; strides 1, 2, 2), BN, ReLU,
//   average, linear.
//
// Zagoruyko, Komodakis: Wide residual networks. BMVC 2016; depth 6n + 4, widening factor k. Names, the activated input of
// the shortcut and the initial values are those of TRADES' code, which FAT and RobustBench share.

import Options
import Tensors

extension Architecture {
  /// The network of TRADES and FAT.
  static let wideResNet34 = wideResNet("wideresnet-34-10", blocks: 5, "the network of TRADES and FAT")
  static let wideResNet28 = wideResNet("wideresnet-28-10", blocks: 4, "a network of RobustBench")

  private static func wideResNet(_ name: String, blocks: Int, _ summary: String) -> Architecture {
    Architecture(
      name, "WideResNet", "a wide residual network, \(summary)",
      options: [WideResNet.blocks.defaulting(to: "\(blocks)"), WideResNet.factor], size: WideResNet.size
    ) { values, facts in
      WideResNet.network(facts, blocks: values.whole("model.blocks"), factor: values.whole("model.widen-factor"))
    }
  }
}

private enum WideResNet {
  static let blocks = PartOption(
    "model.blocks", .whole(1...100), 5, "blocks of each stage, n of a depth of 6n + 4")
  static let factor = PartOption(
    "model.widen-factor", .whole(1...64), 10, "channels of the first stage over 16")

  static func network(_ facts: NetworkFacts, blocks count: Int, factor: Int) -> any Network {
    // Normal numbers by the values that leave a filter.
    var layers = LayerBuilder(facts.engine) {
      .normal(deviation: (2 / Float($0.kernel * $0.kernel * $0.outputChannels)).squareRoot())
    }
    let stem = layers.convolution("conv1", facts.configuration.pixels, to: 16)
    var blocks: [any Block] = []
    var map = stem.output
    for stage in 1...3 {
      for index in 0..<count {
        let block = PreActBlock(
          "block\(stage).layer.\(index)", map, to: 16 * factor << (stage - 1),
          stride: stage > 1 && index == 0 ? 2 : 1, shortcut: "convShortcut", &layers)
        blocks.append(block)
        map = block.output
      }
    }
    let norm = layers.norm("bn1", map)
    let linear = layers.linear("fc", inputs: map.c, outputs: facts.configuration.classes, bias: .constant(0))
    return ResidualNetwork(
      facts.configuration, layers, stem: stem, blocks: blocks, finalNorm: norm, linear: linear)
  }

  /// n from the blocks that there are, k and the classes from the linear layer, (classes, 64k).
  @Sendable static func size(_ shape: (String) -> [Int]?) -> Architecture.Size {
    func first(_ index: Int) -> String { "block1.layer.\(index).conv1.weight" }
    for name in ["conv1.weight", "fc.weight", first(0)] where shape(name) == nil { return .missing(name) }
    let linear = shape("fc.weight") ?? []
    guard linear.count == 2, linear[1] % 64 == 0, (1...64).contains(linear[1] / 64), Limits.classes.contains(linear[0])
    else { return .other("fc.weight", wanted: "a WideResNet of factor k with K classes has [K, 64 k] (k at most 64)") }
    let count = (0..<100).prefix { shape(first($0)) != nil }.count
    return .known(
      options: ["model.blocks": "\(count)", "model.widen-factor": "\(linear[1] / 64)"], classes: linear[0])
  }
}
