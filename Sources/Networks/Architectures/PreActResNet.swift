// PreActResNet-18 for small images:
//
//   conv 3x3, 4 stages of 2 pre-activation blocks (w, 2w, 4w, 8w channels; strides 1, 2, 2, 2), BN, ReLU, average, linear.
//
// He, Zhang, Ren, Sun: Identity mappings in deep residual networks. ECCV 2016. Parameters carry PyTorch's names, in the
// order of robust_overfitting's preactresnet.py.

import Options
import Tensors

extension Architecture {
  /// PreActResNet-18 of any width; 64 is the literature's.
  static let preActResNet18 = Architecture(
    "preactresnet18", "PreActResNet-18", "PreActResNet-18 for small images, any width", options: [NetworkOption.width],
    size: { StageSize.of($0, "PreActResNet-18") },
    make: { PreActResNet.network($1, channels: $0.whole("model.width"), hasFinalNorm: true) })
}

enum PreActResNet {
  static func network(_ facts: NetworkFacts, channels: Int, hasFinalNorm: Bool) -> any Network {
    var layers = LayerBuilder(facts.engine)
    let stem = layers.convolution("conv1", facts.configuration.pixels, to: channels)
    var blocks: [any Block] = []
    var map = stem.output
    for (stage, index, stride) in StageSize.blocks {
      let block = PreActBlock("layer\(stage).\(index)", map, to: channels << (stage - 1), stride: stride, &layers)
      blocks.append(block)
      map = block.output
    }
    let norm = hasFinalNorm ? layers.norm("bn", map) : nil
    let linear = layers.linear("linear", inputs: map.c, outputs: facts.configuration.classes)
    return ResidualNetwork(
      facts.configuration, layers, stem: stem, blocks: blocks, finalNorm: norm, linear: linear)
  }
}
