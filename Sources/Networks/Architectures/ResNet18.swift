// ResNet-18 for small images:
//
//   conv 3x3, BN, ReLU, 4 stages of 2 basic blocks (w, 2w, 4w, 8w channels; strides 1, 2, 2, 2), average, linear.
//
// He, Zhang, Ren, Sun: Deep residual learning for image recognition. CVPR 2016; the network of BAT and WAT. Parameters carry
// PyTorch's names, in the order of their code.

import Options
import Tensors

extension Architecture {
  /// ResNet-18 of any width; 64 is the literature's.
  static let resNet18 = Architecture(
    "resnet18", "ResNet-18", "ResNet-18 for small images, any width, as BAT and WAT have it",
    options: [NetworkOption.width], size: { StageSize.of($0, "ResNet-18") }
  ) { values, facts in
    let channels = values.whole("model.width")
    var layers = LayerBuilder(facts.engine)
    let stem = layers.convolution("conv1", facts.configuration.pixels, to: channels)
    var blocks: [any Block] = [NormBlock("bn1", stem.output, &layers)]
    var map = stem.output
    for (stage, index, stride) in StageSize.blocks {
      let block = BasicBlock("layer\(stage).\(index)", map, to: channels << (stage - 1), stride: stride, &layers)
      blocks.append(block)
      map = block.output
    }
    let linear = layers.linear("linear", inputs: map.c, outputs: facts.configuration.classes)
    return ResidualNetwork(
      facts.configuration, layers, stem: stem, blocks: blocks, finalNorm: nil, linear: linear)
  }
}
