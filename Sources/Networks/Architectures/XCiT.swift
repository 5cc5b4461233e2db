// XCiT for small images, of patches of 4x4 pixels: the network of robust transformers.
//
// El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021; as Debenedetti, Sehwag, Mittal: A light recipe to
// train robust vision transformers (SaTML 2023) have it for CIFAR. Parameters carry timm's names, in timm's order; first
// values are timm's.

import Options

extension Architecture {
  /// The literature's small XCiT: 12 blocks of 384 channels.
  static let xcitS12 = xcit("xcit-s12", channels: 384, depth: 12, heads: 8, "the transformer of robust training")
  /// One for small machines.
  static let xcitSmall = xcit("xcit-small", channels: 96, depth: 4, heads: 2, "small enough to try things")

  private static func xcit(
    _ name: String, channels: Int, depth: Int, heads: Int, _ summary: String
  ) -> Architecture {
    Architecture(
      name, "XCiT", "cross-covariance image transformer, patches of 4x4, \(summary)",
      options: [
        XCiT.channels.defaulting(to: "\(channels)"), XCiT.depth.defaulting(to: "\(depth)"),
        XCiT.heads.defaulting(to: "\(heads)"), XCiT.dropPath,
      ], fault: XCiT.fault, size: XCiT.size
    ) { values, facts in
      TokenNetwork(
        facts.configuration, facts.engine, channels: values.whole("model.dim"), depth: values.whole("model.depth"),
        heads: values.whole("model.heads"), dropPath: values.real("model.drop-path").float)
    }
  }
}

private enum XCiT {
  static let channelRange = 16...2_048, depthRange = 1...64, headRange = 1...64
  static let channels = PartOption(
    "model.dim", .multiple(of: 16, channelRange), 384, "channels of a token")
  static let depth = PartOption("model.depth", .whole(depthRange), 12, "blocks of cross-covariance attention")
  static let heads = PartOption(
    "model.heads", .whole(headRange), 8, "heads of every attention; they share the channels evenly")

  static let dropPath = PartOption(
    "model.drop-path", .belowOne, "0.05", "how often an image's training pass leaves out a branch of a block")

  @Sendable static func fault(_ values: PartValues) -> (path: String, message: String)? {
    let (channels, heads) = (values.whole("model.dim"), values.whole("model.heads"))
    if channels % heads == 0 { return nil }
    let most = (1...heads).last { channels % $0 == 0 } ?? 1
    return ("model.heads", "\(heads) heads cannot share \(channels) channels (model.dim) evenly; \(most) can")
  }

  /// Channels from the class token, (1, 1, C), heads from the temperatures, (heads, 1, 1), the depth from the blocks that
  /// there are, classes from the linear layer, (classes, C).
  @Sendable static func size(_ shape: (String) -> [Int]?) -> Architecture.Size {
    func temperature(_ block: Int) -> String { "blocks.\(block).attn.temperature" }
    for name in ["cls_token", "head.weight", temperature(0)] where shape(name) == nil { return .missing(name) }
    let (token, head, heads) = (shape("cls_token") ?? [], shape("head.weight") ?? [], shape(temperature(0)) ?? [])
    guard token.count == 3, token[..<2] == [1, 1], channelRange.contains(token[2]), token[2] % 16 == 0 else {
      return .other("cls_token", wanted: "an XCiT of C channels has [1, 1, C] (C a multiple of 16, at most 2048)")
    }
    guard heads.count == 3, heads[1...] == [1, 1], headRange.contains(heads[0]), token[2] % heads[0] == 0 else {
      return .other(temperature(0), wanted: "an XCiT of H heads has [H, 1, 1] (H divides its \(token[2]) channels)")
    }
    guard head.count == 2, head[1] == token[2], Limits.classes.contains(head[0]) else {
      return .other("head.weight", wanted: "an XCiT of \(token[2]) channels with K classes has [K, \(token[2])]")
    }
    let depth = depthRange.prefix { shape(temperature($0 - 1)) != nil }.count
    return .known(
      options: ["model.dim": "\(token[2])", "model.depth": "\(depth)", "model.heads": "\(heads[0])"], classes: head[0])
  }
}
