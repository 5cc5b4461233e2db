// Names that recipes may use, as the targets that own them list them.

/// One name and one line on what it is.
package struct RegistryEntry: Equatable, Sendable {
  package let name: String
  package let summary: String

  package init(_ name: String, _ summary: String) {
    self.name = name
    self.summary = summary
  }
}

/// All names that the keys of a recipe may take, by kind.
package struct Registry: Sendable {
  package let models: [RegistryEntry]
  package let data: [RegistryEntry]
  package let methods: [RegistryEntry]
  package let attacks: [RegistryEntry]
  package let priors: [RegistryEntry]

  package init(
    models: [RegistryEntry], data: [RegistryEntry], methods: [RegistryEntry], attacks: [RegistryEntry],
    priors: [RegistryEntry]
  ) {
    self.models = models
    self.data = data
    self.methods = methods
    self.attacks = attacks
    self.priors = priors
  }
}
