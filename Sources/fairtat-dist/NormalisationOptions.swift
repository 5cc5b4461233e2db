// What pixels were normalised with, said on the command line.

import ArgumentParser
import Networks
import Training

/// The options `--mean` and `--std`.
struct NormalisationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What pixels were normalised with, for weights that do not say: such as 0.49,0.48,0.45.", valueName: "r,g,b"))
  var mean: ColourTriple?

  @Option(help: ArgumentHelp("Their deviation, such as 0.25,0.24,0.26.", valueName: "r,g,b"))
  var std: ColourTriple?

  /// nil where nothing was given.
  var normalisation: Normalisation? {
    guard let mean, let std else { return nil }
    return Normalisation(mean: mean.values, deviation: std.values)
  }

  func validate() throws {
    guard (mean == nil) == (std == nil) else {
      throw ValidationError("--mean and --std are given together or not at all.")
    }
    if mean != nil, normalisation == nil { throw ValidationError("--std takes three numbers above 0.") }
  }

  /// What a user says of a model's normalisation.
  static func statement(_ normalisation: Normalisation?) -> StoredModel.Statement {
    StoredModel.Statement(normalisation, means: "--mean R,G,B and --std R,G,B", code: .usage)
  }
}
