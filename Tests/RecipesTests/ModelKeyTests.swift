import Failures
import Networks
import Options
import Recipes
import Testing

/// Keys that belong to some networks only.
@Suite struct ModelKeyTests {
  private static let registry = Registry(
    models: models.names.map { RegistryEntry($0, "") }, data: [RegistryEntry("synthetic", "")],
    methods: [RegistryEntry("fairtat", "")], attacks: [RegistryEntry("pgd", "")], priors: [RegistryEntry("cfp", "")])

  private func document(_ yaml: String) throws -> RecipeDocument {
    try RecipeDocument(name: "test", yaml: yaml, file: "test.yaml")
  }

  private func refusal(_ document: RecipeDocument) -> Failure? {
    do { try document.check(against: Self.registry) } catch { return error as? Failure }
    return nil
  }

  /// A name is enough; a recipe prints its network's keys and no others, and reads back as itself.
  @Test(arguments: models.names) func aNameIsEnough(name: String) throws {
    let document = try document("model:\n  name: \(name)\n")
    #expect(refusal(document) == nil)
    let yaml = document.yaml()
    let again = try self.document(yaml)
    #expect(again.recipe == document.recipe && again.recipe.changes(from: document.recipe).isEmpty)
    #expect(yaml.contains("  width: 64 ") == (name.hasSuffix("resnet18") || name == "preactresnet18-frl"))
    #expect(yaml.contains("  heads: \(name == "xcit-s12" ? 8 : 2) ") == name.hasPrefix("xcit"))
    #expect(yaml.contains("  blocks: \(name.contains("28") ? 4 : 5) ") == name.hasPrefix("wide"))
  }

  /// The order in a file says nothing.
  @Test func keysBeforeTheName() throws {
    let document = try document("model:\n  widen-factor: 2\n  name: wideresnet-28-10\n")
    #expect(refusal(document) == nil)
    #expect(document.recipe.model.title == "wideresnet-28-10, blocks 4, widen-factor 2")
  }

  @Test func anothersKeysAreRefusedByName() throws {
    let failure = refusal(try document("model:\n  name: wideresnet-34-10\n  width: 16\n"))
    #expect(failure?.code == .configuration)
    #expect(failure?.message.hasPrefix("test.yaml:3: model.width: only preactresnet18, ") == true)
    #expect(failure?.message.contains("have this key, and model.name is wideresnet-34-10: ") == true)
    var line = try document("model:\n  name: resnet18\n")
    try line.set("model.blocks=2")
    #expect(refusal(line)?.message.hasPrefix("--set: model.blocks: only wideresnet-34-10, ") == true)
  }

  /// Another network on the command line lets go of what the file said of the one before, and keeps what both have.
  @Test func anotherNetwork() throws {
    let file = "model:\n  name: preactresnet18\n  width: 16\n"
    var wide = try document(file)
    try wide.set("model.name=wideresnet-28-10")
    #expect(refusal(wide) == nil && wide.recipe.model.title == "wideresnet-28-10, blocks 4, widen-factor 10")
    var plain = try document(file)
    try plain.set("model.name=resnet18")
    #expect(refusal(plain) == nil && plain.recipe.model.title == "resnet18, width 16")
    #expect(plain.recipe.differences(from: try document(file).recipe) == ["model.name"])
    var both = try document(file)
    try both.set("model.width=8")
    try both.set("model.name=wideresnet-28-10")
    #expect(refusal(both)?.message.contains("--set: model.width: only ") == true)
  }

  /// Values that each are allowed, and not together.
  @Test func headsThatCannotShare() throws {
    var document = try document("model:\n  name: xcit-s12\n  dim: 96\n")
    try document.set("model.heads=5")
    let message = refusal(document)?.message
    #expect(message == "--set: model.heads: 5 heads cannot share 96 channels (model.dim) evenly; 4 can")
  }

  @Test(arguments: [
    "model.dim=24", "model.dim=0", "model.heads=0", "model.depth=65", "model.width=0", "model.width=1025",
    "model.blocks=0", "model.blocks=101", "model.widen-factor=65",
  ])
  func valuesThatAreNotAllowed(assignment: String) throws {
    var document = try document("model:\n  name: resnet18\n")
    let failure = #expect(throws: Failure.self) { try document.set(assignment) }
    #expect(failure?.message.contains("; allowed: ") == true)
  }
}
