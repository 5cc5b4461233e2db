// `state.json` of a checkpoint: where the run was, and what is known of model and data. The model's normalisation stands
// in its own file, beside the weights.

import Checkpoints
import Datasets
import Failures
import Fairness
import Foundation
import Recipes

/// What `state.json` holds.
package struct CheckpointHeader: Codable, Sendable {
  /// 2: the files of the models state their normalisation. Programs that read format 1 only would normalise by the data
  /// at hand, and refuse it.
  package static let currentFormat = 2
  static let knownFormats = 1...currentFormat

  package var format = Self.currentFormat
  package var epoch: Int
  package var stepInEpoch: Int
  package var step: Int
  /// The bits of the Double.
  package var lossSum: UInt64
  package var accepted: [String: Int]
  package var fairness: FairnessState
  package var best: BestEpoch?
  package var recipeName: String
  /// The resolved recipe, YAML.
  package var recipe: String
  /// The name of the data set, as the catalog has it; nil in format 1, as the next two.
  package var dataName: String?
  package var dataDigest: String
  /// Of the test images alone.
  package var testDigest: String?
  /// Height and width.
  package var imageSize: [Int]?
  package var classNames: [String]
  /// The run's returns to earlier steps; nil where there were none.
  package var history: [Rewind]?
  /// How validation images were held out; version 0.1.0 did not say.
  package var holdOut: HoldOutRule?

  /// The model that the weights beside it are of.
  var modelDescription: ModelDescription { ModelDescription(classNames: classNames, imageSize: imageSize) }
}

extension CheckpointHeader {
  /// The recipe of the run.
  func readRecipe() throws -> Recipe {
    try RecipeDocument(name: recipeName, yaml: recipe, file: "the checkpoint's recipe").recipe
  }

  /// Reads a file.
  ///
  /// - Throws: `Failure(.badData)` for another format, or a file that is none of ours.
  package init(path: String) throws {
    struct Format: Decodable { let format: Int }
    do {
      let json = Data(try FileReader(path).bytes())
      let format = try JSONDecoder().decode(Format.self, from: json).format
      guard Self.knownFormats.contains(format) else {
        throw Failure(
          .badData,
          "\(path) has format \(format), this program reads \(Self.knownFormats.lowerBound) to "
            + "\(Self.knownFormats.upperBound): take a newer one")
      }
      self = try JSONDecoder().decode(CheckpointHeader.self, from: json)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.badData, "\(path) is no state of a run: \(error)")
    }
    if let fault { throw Failure(.badData, "\(path) is no state of a run: \(fault)") }
  }
}
