import Foundation
import Recipes
import Testing

/// No key without an end: what is multiplied with it later is counted, and what it would take is known before.
@Suite struct LimitTests {
  /// Keys whose values are words: names are checked against the registries, paths by opening them.
  static let words = [
    "model.name", "model.start-from", "data.name", "data.path", "method.name", "fairness.prior",
    "training.optimizer", "evaluation.attack.name", "engine.blas-core",
  ]
  static let rates = ["training.learning-rate", "training.warm-up-rate", "training.minimum-rate"]
  static let numbers = Recipe.fields.map(\.path).filter { !words.contains($0) }

  private func set(_ key: String, _ value: String) throws {
    var document = RecipeLibrary.compiledIn
    try document.set("\(key)=\(value)")
  }

  /// The largest Int, what no UInt64 holds, the largest Double and more, and the same downwards.
  @Test(arguments: numbers) func everyNumberHasTwoEnds(key: String) throws {
    var values = ["1e300", "1.7e308", "-1", "-9223372036854775808", "-1e300", "1" + String(repeating: "0", count: 40)]
    // Learning rates go as far as single precision, seeds as far as 64 bits.
    if !Self.rates.contains(key) { values += ["18446744073709551616", "1e30"] }
    if !Self.rates.contains(key) && key != "training.seed" { values += ["9223372036854775807", "1e18"] }
    for value in values {
      let name = "\(key)=\(value)"
      expectFailure("--set: \(key) is ", "; allowed: ") { try set(key, value) }
      #expect(throws: (any Error).self, "\(name)") { try set(key, value) }
    }
  }

  /// The message says what is allowed: a range with both ends, or every word.
  @Test(arguments: numbers) func theRangeIsSaid(key: String) throws {
    let field = try #require(Recipe.fields.first { $0.path == key })
    let isRange = field.allowed.range(of: "[0-9e+-]+\\.\\.\\.[0-9e+-]+", options: .regularExpression) != nil
    let isBelowOne = field.allowed.contains("at least 0 and below 1")
    let words = field.allowed.replacingOccurrences(of: " or ", with: ", ").components(separatedBy: ", ")
    let isWords = words.allSatisfy { word in (try? set(key, word)) != nil }
    #expect(isRange || isBelowOne || isWords, "\(field.allowed)")
  }

  /// What is allowed can be written: no range shuts out the default.
  @Test func everyDefaultIsWithinItsRange() throws {
    for field in Recipe.fields {
      var document = RecipeLibrary.compiledIn
      try document.set("\(field.path)=\(field.text(Recipe()))")
      #expect(field.text(document.recipe) == field.text(Recipe()))
    }
  }
}
