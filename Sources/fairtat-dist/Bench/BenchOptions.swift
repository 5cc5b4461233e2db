// What all benchmarks are told.

import ArgumentParser
import Communication
import Networks
import Recipes

/// Options that the benchmarks share.
struct BenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the figures to a file as well.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("End with 78 unless there are so many ranks.", valueName: "n"))
  var expectRanks: Int?

  func validate() throws {
    if let expectRanks, expectRanks < 1 { throw ValidationError("--expect-ranks takes a number from 1.") }
  }

  /// Refuses numbers below their least.
  static func check(_ counts: [(name: String, value: Int, least: Int)]) throws {
    for (name, value, least) in counts where value < least {
      throw ValidationError("\(name) takes a whole number from \(least).")
    }
  }

  /// Refuses a width that the networks do not come in.
  static func check(width: Int) throws {
    var recipe = RecipeDocument(name: "bench", heading: [], recipe: Recipe())
    do {
      try recipe.set("model.width", .scalar("\(width)", quoted: false), origin: "--width")
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
