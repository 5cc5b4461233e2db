// A kind of network: what a recipe calls it, what it can be told, how it is made, and how a file of its weights is known.

import Options

/// What a network must know of the rest of a recipe, and of whom it works with.
package struct NetworkFacts {
  package let configuration: NetworkConfiguration
  package let engine: Engine

  package init(_ configuration: NetworkConfiguration, _ engine: Engine) {
    self.configuration = configuration
    self.engine = engine
  }
}

/// A line of the list of networks.
package struct Architecture: Sendable {
  /// What is read from the shapes of a file's tensors.
  package enum Size: Equatable, Sendable {
    /// Values of the network's options by whole key, and the number of classes.
    case known(options: [String: String], classes: Int)
    /// A tensor that is not there.
    case missing(String)
    /// A tensor of another shape, and which ones the network has.
    case other(String, wanted: String)
  }

  package let part: Part<NetworkFacts, any Network>
  /// As its authors write it.
  package let title: String
  /// A network of others that has the same tensors and computes something else from them; nil without one.
  package let double: String?
  /// Why its options cannot have these values together, and the key to change; nil when they can.
  package let fault: @Sendable (PartValues) -> (path: String, message: String)?
  /// Reads the size of the network from shapes by name; nil for a tensor that is not there.
  package let size: @Sendable (_ shape: (String) -> [Int]?) -> Size

  package init(
    _ name: String, _ title: String, _ summary: String, options: [PartOption], double: String? = nil,
    fault: @escaping @Sendable (PartValues) -> (path: String, message: String)? = { _ in nil },
    size: @escaping @Sendable (_ shape: (String) -> [Int]?) -> Size,
    make: @escaping @Sendable (PartValues, NetworkFacts) -> any Network
  ) {
    part = Part(name, summary, options: options, make: make)
    self.title = title
    self.double = double
    self.fault = fault
    self.size = size
  }

  package var name: String { part.name }
}

extension Choice {
  /// The network that is chosen; its name is known.
  package func network(_ configuration: NetworkConfiguration, _ engine: Engine) -> any Network {
    guard let part = models[name] else { preconditionFailure("no network is called \(name)") }
    return part.make(values(in: models), NetworkFacts(configuration, engine))
  }

  /// Why the network's options cannot have their values together, and the key to change; nil when they can.
  package var networkFault: (path: String, message: String)? {
    architectures.first { $0.name == name }?.fault(values(in: models))
  }

  /// The network's own keys and their values, as people read them: `width 16`; nothing for one that has none.
  package var networkOptions: String {
    (models[name]?.options ?? []).map { option in
      "\(option.path.split(separator: ".").last ?? "") \(text(option.path, in: models) ?? option.value)"
    }.joined(separator: ", ")
  }
}
