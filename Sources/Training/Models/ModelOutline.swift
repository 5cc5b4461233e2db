// What network the weights in a file are of: its size is that of its tensors, and each of them is held against the
// network's own list. Several networks have names in common; the one with the least amiss is meant.

import Checkpoints
import Failures
import Networks
import Options
import Recipes

/// A network, as a file of its weights shows it.
package struct ModelOutline: Codable, Equatable, Sendable {
  /// As recipes have it.
  package let choice: Choice
  package let classes: Int

  private init(choice: Choice, classes: Int) {
    self.choice = choice
    self.classes = classes
  }

  /// The network that fits best.
  ///
  /// - Throws: `Failure(.badData)` for tensors that are no network of ours: what is missing, surplus or of another shape, with
  ///   the nearest name that there is.
  package init(_ weights: StateDict) throws(Failure) {
    let sizes = architectures.map { ($0, $0.size { weights[$0]?.shape }) }
    // Of two that fit alike the one whose name says more of it.
    var best: (outline: ModelOutline, misfit: (faults: Int, given: Int))?
    for case (let architecture, .known(let options, let classes)) in sizes {
      let outline = ModelOutline(choice: Choice(architecture, options), classes: classes)
      let misfit = (outline.faults(weights), outline.choice.given.count)
      if best.map({ misfit < $0.misfit }) ?? true { best = (outline, misfit) }
    }
    if let (outline, _) = best {
      self = outline
      try check(weights)
      return
    }
    // None: the complaint is about the one that has the most of its names in the file.
    let common = architectures.map { architecture in
      Self.names(of: Self.smallest(architecture).network).count { weights[$0] != nil }
    }
    let (architecture, size) = sizes[common.firstIndex(of: common.max() ?? 0) ?? 0]
    if case .other(let name, let wanted) = size, let tensor = weights[name] {
      throw Failure(.badData, "\(name) in \(weights.file.path) is \(tensor.shape), \(wanted): it is of another network")
    }
    var missing = ""
    if case .missing(let name) = size { missing = name }
    throw Self.missing(missing, architecture.title, of: Self.smallest(architecture), weights)
  }

  /// A network with the values of its options that recipes begin with, for its names.
  private static func smallest(_ architecture: Architecture) -> ModelOutline {
    ModelOutline(choice: Choice(architecture.name), classes: 2)
  }

  /// The network that these are weights of, without memory.
  package var network: any Network { choice.network(NetworkConfiguration(classes: classes), .describing()) }

  private var architecture: Architecture? { architectures.first { $0.name == choice.name } }

  /// A warning about a file that does not say whose network it is of; nil where its tensors leave no doubt.
  var doubt: String? {
    architecture?.double.map {
      "WARNING: the file's tensors are those of \(title), and of \($0): if it is of that one, all figures here are wrong"
    }
  }

  /// In messages.
  var title: String {
    let own = architecture?.title ?? choice.name
    let options = choice.networkOptions
    return "\(own) (\(options.isEmpty ? "" : "\(options), ")\(classes) classes)"
  }

  /// How many tensors are missing, of another shape or surplus.
  private func faults(_ weights: StateDict) -> Int {
    let network = network
    let slots = network.parameters.slots + network.statistics.slots
    let known = Self.names(of: network)
    return slots.count { weights[$0.name]?.shape != $0.shape } + weights.tensors.count { !known.contains($0.name) }
  }

  /// Holds all tensors against the network's.
  private func check(_ weights: StateDict) throws(Failure) {
    let network = network
    let known = Self.names(of: network)
    for slot in network.parameters.slots + network.statistics.slots {
      guard let tensor = weights[slot.name] else { throw Self.missing(slot.name, title, of: self, weights) }
      guard tensor.shape == slot.shape else {
        throw Failure(
          .badData, "\(slot.name) in \(weights.file.path) is \(tensor.shape), \(title) has \(slot.shape)")
      }
    }
    guard let surplus = weights.tensors.first(where: { !known.contains($0.name) }) else { return }
    let near = Suggestions.nearest(to: surplus.name, among: known.sorted())
    throw Failure(
      .badData,
      "\(weights.file.path) has a tensor \(surplus.name), \(title) has none of that name"
        + (near.first.map { "; the nearest is \($0)" } ?? ""))
  }

  /// The names of a network's tensors.
  private static func names(of network: any Network) -> Set<String> {
    let statistics = network.statistics.slots
    let counters = statistics.filter { $0.role == .runningMean }.map { ModelFile.counter(beside: $0) }
    return Set((network.parameters.slots + statistics).map(\.name) + counters)
  }

  /// The nearest name is one that the network does not have: others are taken.
  private static func missing(
    _ name: String, _ title: String, of outline: ModelOutline, _ weights: StateDict
  ) -> Failure {
    let known = names(of: outline.network)
    let near = Suggestions.nearest(to: name, among: weights.tensors.map(\.name).filter { !known.contains($0) })
    return Failure(
      .badData,
      "\(weights.file.path) has no tensor \(name) of \(title)"
        + (near.first.map { "; the nearest name in it is \($0)" } ?? ": it is of another network"))
  }
}

extension Choice {
  /// A network and values of its options by whole key, of which those that recipes begin with are not kept.
  fileprivate init(_ architecture: Architecture, _ options: [String: String]) {
    self.init(architecture.name)
    for (path, value) in options { give(value, to: path, in: models) }
  }
}
