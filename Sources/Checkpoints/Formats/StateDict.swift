// The state dict of a network in a file, whatever it was wrapped in when it was saved.
//
// In front of the names may stand what held the network: `module.` (DataParallel), `1.` (Sequential(Normalize, network)),
// `model.`, `net.` and such, also several. The constants that pixels are normalised with may stand among the tensors, three
// numbers each of [3], [3, 1, 1] or [1, 3, 1, 1]: `mu` and `sigma` (RobustBench), `mean` and `std`, also in a module of their
// own, such as `0.mean` or `normalize.mean`. XCiT's authors call its positions `pos_embeder`, and have the queries, keys and
// values of its class attention in one tensor, `attn.qkv`, one third each: both are told here as timm has them.

import Failures

/// The tensors of a file under the names that they have in the network alone.
package struct StateDict: Sendable {
  package let file: any TensorFile
  /// The network's tensors, in the file's order, without what stood before their names.
  package let tensors: [TensorOutline]
  /// What pixels are normalised with, in units of pixels in [0, 1]; nil where the tensors do not say.
  package let normalisation: (mean: [Float], deviation: [Float])?
  /// The place of a tensor in the file, by name.
  private let places: [String: Place]

  private struct Place {
    let index: Int
    /// The third of the tensor's rows that is meant; nil for all.
    var third: Int?
  }

  private static let wrappers: Set<Substring> = [
    "module", "model", "net", "network", "backbone", "_orig_mod", "1",
  ]
  private static let normalisers: Set<Substring> = [
    "0", "norm", "normalize", "normalizer", "normalization", "normalise", "preprocess", "preprocessing",
  ]
  private static let constants: [Substring: Constant] = [
    "mu": .mean, "mean": .mean, "sigma": .deviation, "std": .deviation,
  ]

  private enum Constant { case mean, deviation }

  /// Opens a file of either format.
  ///
  /// - Throws: as `TensorFiles.open`, and as `init(_:)`.
  package init(_ path: String) throws(Failure) { try self.init(try TensorFiles.open(path)) }

  /// - Throws: `Failure(.badData)` where two tensors would have one name, or the constants are no three numbers.
  package init(_ file: any TensorFile) throws(Failure) {
    self.file = file
    var tensors: [TensorOutline] = []
    var places: [String: Place] = [:]
    var constants: [Constant: Int] = [:]
    for (index, outline) in file.outlines.enumerated() {
      let (name, constant) = Self.bare(outline.name)
      // `module.n_averaged` of averaged weights counts their updates.
      if name == "n_averaged" { continue }
      // TRADES' WideResNet holds its first stage twice; no logit depends on the second.
      if name.hasPrefix("sub_block1.") { continue }
      if let constant, outline.shape.reduce(1, { $0 &* $1 }) == 3 {
        if let other = constants.updateValue(index, forKey: constant) {
          throw Self.twice(file, file.outlines[other].name, outline.name)
        }
        continue
      }
      for (own, place) in Self.parts(name, of: outline, at: index) {
        if let other = places.updateValue(place, forKey: own) {
          throw Self.twice(file, file.outlines[other.index].name, outline.name)
        }
        tensors.append(
          TensorOutline(name: own, type: outline.type, shape: Self.shape(outline.shape, place)))
      }
    }
    self.tensors = tensors
    self.places = places
    switch (constants[.mean], constants[.deviation]) {
    case (let mean?, let deviation?):
      normalisation = (try file.floats(at: mean), try file.floats(at: deviation))
    case (nil, nil): normalisation = nil
    case (let one, let other):
      let name = file.outlines[(one ?? other)!].name
      throw Failure(
        .badData, "\(file.path) has \(name), but not the other constant of the normalisation (mean and deviation)")
    }
  }

  /// The tensors of the network that one of the file is.
  private static func parts(_ name: String, of outline: TensorOutline, at index: Int) -> [(String, Place)] {
    let name = name.hasPrefix("pos_embeder.") ? "pos_embed." + name.dropFirst("pos_embeder.".count) : name
    guard name.hasPrefix("cls_attn_blocks."), let rows = outline.shape.first, rows % 3 == 0,
      let fused = [".attn.qkv.weight", ".attn.qkv.bias"].first(where: name.hasSuffix)
    else { return [(name, Place(index: index))] }
    let (block, kind) = (name.dropLast(fused.count), fused.dropFirst(".attn.qkv.".count))
    return ["q", "k", "v"].enumerated().map { ("\(block).attn.\($1).\(kind)", Place(index: index, third: $0)) }
  }

  private static func shape(_ shape: [Int], _ place: Place) -> [Int] {
    place.third == nil ? shape : [shape[0] / 3] + shape.dropFirst()
  }

  private static func twice(_ file: any TensorFile, _ one: String, _ other: String) -> Failure {
    Failure(.badData, "\(file.path) has \(one) and \(other), which are the same tensor of a network: keep one")
  }

  /// The name without wrappers, and what it is if it is a constant of the normalisation.
  private static func bare(_ name: String) -> (String, Constant?) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let own = parts.dropFirst(parts.prefix { wrappers.contains($0) }.count)
    guard let last = own.last else { return (name, nil) }
    let constant = own.dropLast().allSatisfy { normalisers.contains($0) } ? constants[last] : nil
    return (own.joined(separator: "."), constant)
  }

  /// The tensor of a name, if the file has it.
  package subscript(name: String) -> TensorOutline? {
    places[name].map { place in
      let outline = file.outlines[place.index]
      return TensorOutline(name: name, type: outline.type, shape: Self.shape(outline.shape, place))
    }
  }

  /// The numbers of a tensor, row-major.
  ///
  /// - Throws: `Failure(.badData)` where it is missing, or has whole numbers.
  package func floats(_ name: String) throws(Failure) -> [Float] {
    let place = try place(of: name)
    let values = try file.floats(at: place.index)
    guard let third = place.third else { return values }
    return Array(values[third * values.count / 3..<(third + 1) * values.count / 3])
  }

  /// The numbers of a tensor of whole numbers.
  ///
  /// - Throws: `Failure(.badData)` where it is missing, or has other numbers.
  package func integers(_ name: String) throws(Failure) -> [Int64] { try file.integers(at: try place(of: name).index) }

  private func place(of name: String) throws(Failure) -> Place {
    guard let place = places[name] else { throw Failure(.badData, "\(file.path) has no tensor \(name)") }
    return place
  }
}
