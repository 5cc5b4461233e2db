// The network of a recipe, made of its name and its options.

import Failures
import Networks
import Options

extension Recipe {
  /// The network.
  ///
  /// - Throws: `Failure(.configuration)` for one that does not exist.
  package func network(_ configuration: NetworkConfiguration, _ engine: Networks.Engine) throws -> any Network {
    guard models[model.name] != nil else {
      throw Failure(
        .configuration, "no model is called '\(model.name)'; there are \(models.names.joined(separator: ", "))")
    }
    return model.choice.network(configuration, engine)
  }
}

extension Recipe.Model {
  /// Tells the network something; `key` is one of its own, without the section, and the value allowed.
  package mutating func set(_ key: String, _ value: String) { choice.give(value, to: "model.\(key)", in: models) }

  /// For people: its name and what it is told, such as `preactresnet18, width 16`.
  package var title: String {
    let options = choice.networkOptions
    return options.isEmpty ? name : "\(name), \(options)"
  }

  /// The network's own keys with their values, as something to lower.
  package var sizes: String {
    let options = models[name]?.options ?? []
    return options.map { "\($0.path) (\(choice.text($0.path, in: models) ?? $0.value))" }.joined(separator: " or ")
  }
}
