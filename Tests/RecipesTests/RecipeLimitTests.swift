import Failures
import Recipes
import Testing

/// Recipes that are larger, deeper or cleverer than a recipe is.
@Suite struct RecipeLimitTests {
  private func read(_ yaml: String) throws -> RecipeDocument {
    try RecipeDocument(name: "mine", yaml: yaml, file: "mine.yaml")
  }

  /// Nine levels of nine aliases: half a kilobyte that stands for 387 million words.
  @Test func aliasesAreRefused() {
    let laughs =
      "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
      + (1...9).map { level in
        "a\(level): &a\(level) [\([String](repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]\n"
      }.joined()
    expectFailure("mine.yaml:2: recipes have no aliases (*name)") { _ = try read(laughs) }
    expectFailure("mine.yaml:3: recipes have no aliases") { _ = try read("? &key [a]\n: 1\n? *key\n: 2\n") }
    expectFailure("mine.yaml:1: recipes have no aliases") { _ = try read("{a: &b 1, c: *b}") }
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "a: - "]) func depthIsRefused(opening: String) {
    expectFailure("mine.yaml:1: nested too deeply") { _ = try read(String(repeating: opening, count: 2_000)) }
  }

  @Test func depthByIndentationIsRefused() {
    let steps = (0..<200).map { String(repeating: " ", count: $0) + "k:\n" }.joined()
    expectFailure("mine.yaml:102: nested too deeply") { _ = try read(steps) }
  }

  @Test func whatOnlyLooksLikeItIsRead() throws {
    let recipe = try read(
      """
      # *stars* & ampersands in a comment: [[[[
      training:
        epochs: 4   # see *below* & R&D
      data: {path: "/a & b/*c"}
      """
    ).recipe
    #expect(recipe.training.epochs == 4 && recipe.data.path == "/a & b/*c")
  }

  @Test func longTextIsRefusedOrQuick() {
    expectFailure("more than a recipe has") { _ = try read(String(repeating: "# a\n", count: 300_000)) }
    // A key as long as that has no near ones; looking for them took gigabytes.
    expectFailure("unknown key") { _ = try read("? \(String(repeating: "k", count: 500_000))\n: 1\n") }
    expectFailure("unknown key") { _ = try read("training:\n  ? \(String(repeating: "k", count: 500_000))\n  : 1\n") }
  }

  @Test(arguments: [
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e999", "1/0", "nan", "null",
  ])
  func numbersAtTheEdges(number: String) throws {
    for field in Recipe.fields {
      let keys = field.path.split(separator: ".")
      let yaml =
        keys.dropLast().map { "\($0): {" }.joined() + "\(keys[keys.count - 1]): \(number)"
        + String(repeating: "}", count: keys.count - 1)
      // Refused or believed; then what follows from it must not overflow.
      guard let document = try? read(yaml) else { continue }
      try? document.check(against: Registry(models: [], data: [], methods: [], attacks: [], priors: []))
      _ = (document.recipe.training.shardSize, document.recipe.training.learningRates, document.yaml())
    }
  }
}
