// The PreActResNet-18 of FRL (Xu, Liu, Li, Jain, Tang: To be robust or to be fair. ICML 2021), whose last block is averaged
// as it is: neither a BatchNorm nor a ReLU stands behind it.

extension Architecture {
  static let preActResNet18FRL = Architecture(
    "preactresnet18-frl", "PreActResNet-18 of FRL",
    "PreActResNet-18 without the last BatchNorm and ReLU, as FRL has it",
    options: [NetworkOption.width],
    double: "RobustBench's Wong2020Fast, whose shortcuts take the block's input as it is",
    size: { StageSize.of($0, "PreActResNet-18 of FRL") },
    make: { PreActResNet.network($1, channels: $0.whole("model.width"), hasFinalNorm: false) })
}
