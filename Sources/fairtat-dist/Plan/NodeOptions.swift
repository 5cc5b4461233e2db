// The options that say what a node and a network are, where they are not those at hand.

import ArgumentParser
import Failures
import Scaling

/// Facts of nodes and of the network between them.
struct NodeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A node: cores=64,bandwidth=450GB/s, also core-bandwidth=14GB/s, cache=256MB, loop=3us, latency=1us (between ranks of a node). "
        + "What is not named is as here.", valueName: "facts"))
  var node: String?

  @Option(help: ArgumentHelp("Between nodes: latency=2us,bandwidth=12GB/s.", valueName: "facts"))
  var network: String?

  func validate() throws {
    let any = NodeFacts(cores: 1, bandwidth: 1, coreBandwidth: 1)
    do throws(Failure) {
      _ = try any.replacing(node: node, network: network)
    } catch {
      throw ValidationError("\(error.message).")
    }
  }

  /// Whether any was given.
  var isEmpty: Bool { node == nil && network == nil }

  /// The facts with those told in their places.
  func applied(to facts: NodeFacts) throws(Failure) -> NodeFacts {
    try facts.replacing(node: node, network: network)
  }
}
