// What network the weights in a file are of: its size is that of its tensors, and each of them is held against the
// network's own list.

import Checkpoints
import Failures
import Networks
import Options
import Recipes

/// A network, as a file of its weights shows it.
package struct ModelOutline: Codable, Equatable, Sendable {
  /// As recipes have it.
  package let name: String
  /// Channels of the first stage.
  package let width: Int
  package let classes: Int

  private init(width: Int, classes: Int) {
    (name, self.width, self.classes) = ("preactresnet18", width, classes)
  }

  /// The widths from the first convolution, (width, 3, 3, 3), and the classes from the linear layer, (classes, 8 width).
  ///
  /// - Throws: `Failure(.badData)` for tensors that are no PreActResNet-18: what is missing, surplus or of another shape, with
  ///   the nearest name that there is.
  package init(_ weights: StateDict) throws(Failure) {
    name = "preactresnet18"
    let path = weights.file.path
    func shape(_ name: String) throws(Failure) -> [Int] {
      guard let tensor = weights[name] else { throw Self.missing(name, "PreActResNet-18", weights) }
      return tensor.shape
    }
    let (stem, linear) = (try shape("conv1.weight"), try shape("linear.weight"))
    guard stem.count == 4, stem[1...] == [3, 3, 3], Limits.width.contains(stem[0]) else {
      throw Failure(
        .badData,
        "conv1.weight in \(path) is \(stem), a PreActResNet-18 of width W has [W, 3, 3, 3] (W at most "
          + "\(Limits.width.upperBound)): it is of another network")
    }
    guard linear.count == 2, linear[1] == 8 * stem[0], Limits.classes.contains(linear[0]) else {
      throw Failure(
        .badData,
        "linear.weight in \(path) is \(linear), a PreActResNet-18 of width \(stem[0]) with K classes has "
          + "[K, \(8 * stem[0])]: it is of another network")
    }
    (width, classes) = (stem[0], linear[0])
    try check(weights)
  }

  /// The network that these are weights of, without memory.
  package var network: any Network {
    let make = networks.first { $0.name == name }!.make
    return make(NetworkConfiguration(channels: width, classes: classes), .describing())
  }

  /// In messages.
  var title: String { "PreActResNet-18 (width \(width), \(classes) classes)" }

  /// Holds all tensors against the network's.
  private func check(_ weights: StateDict) throws(Failure) {
    let network = network
    let known = Self.names(of: network)
    for slot in network.parameters.slots + network.statistics.slots {
      guard let tensor = weights[slot.name] else { throw Self.missing(slot.name, title, weights) }
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
  private static func missing(_ name: String, _ title: String, _ weights: StateDict) -> Failure {
    let known = names(of: ModelOutline(width: 1, classes: 2).network)
    let near = Suggestions.nearest(to: name, among: weights.tensors.map(\.name).filter { !known.contains($0) })
    return Failure(
      .badData,
      "\(weights.file.path) has no tensor \(name) of \(title)"
        + (near.first.map { "; the nearest name in it is \($0)" } ?? ": it is of another network"))
  }
}
