// A model on the disk, as those see it who read weights: its file, and the `state.json` beside it.
//
// Weights mean nothing without the constants that pixels were normalised with when they were trained. They are, the first
// that there is:
//
//   1. what the file states
//   2. for a checkpoint of 0.1.0, whose files state nothing: those of the data that it was trained on, which its recipe
//      and the digest of its data identify
//   3. what the user says
//   4. in an evaluation, for a file alone: those of the data at hand, and the user is told

import Checkpoints
import Datasets
import Failures
import Foundation
import Networks
import Platform
import Recipes

/// A file with weights, and what is known of it.
package struct StoredModel: Codable, Sendable {
  /// A safetensors file, or one of PyTorch.
  package let path: String
  /// What the checkpoint says that it lies in; nil for a file alone.
  package let header: CheckpointHeader?
  /// The checkpoint's directory, or the file.
  package let title: String
  /// What network it is of; nil for a checkpoint, whose recipe says that.
  package private(set) var outline: ModelOutline?
  /// What a file says of its origin.
  package private(set) var origin: ModelOrigin?
  /// Of the checkpoint or the file; nil where a file names none.
  package var classNames: [String]? { header?.classNames ?? origin?.classNames }
  /// Lines for the user.
  package private(set) var notes: [String] = []

  /// How a user states what a file does not.
  package struct Statement: Sendable {
    /// What was stated.
    let normalisation: Normalisation?
    /// What to state it with, such as `--mean R,G,B and --std R,G,B`.
    let means: String
    /// What a contradiction ends with.
    let code: ExitCode

    package init(_ normalisation: Normalisation?, means: String, code: ExitCode) {
      self.normalisation = normalisation
      self.means = means
      self.code = code
    }
  }

  /// The weights of a checkpoint, or of the newest of a run directory.
  ///
  /// - Parameter average: `ema` or `fawa`; the weights as trained where it took nothing in, and without it.
  /// - Throws: `Failure(.badData)` where nothing whole is there.
  package static func checkpoint(_ path: String, average: String? = nil) throws -> StoredModel {
    let found = try CheckpointStore.locate(path)
    guard let checkpoint = found.checkpoint else {
      throw Failure(.badData, "\(path) holds no whole checkpoint; give a run directory or a step-N in it")
    }
    var notes = found.notes
    let header = try CheckpointContent.header(checkpoint)
    var name = "model"
    if let average {
      if header.accepted[average] ?? 0 == 0 {
        notes.append("no epoch was taken into \(average) yet: these are the raw weights")
      } else {
        name = average
      }
    }
    return StoredModel(
      path: checkpoint.path(of: "\(name).safetensors"), header: header, title: checkpoint.directory, notes: notes)
  }

  /// What `model.start-from` names: a file with weights, a checkpoint, or a run directory.
  package static func startFrom(_ path: String) throws -> StoredModel {
    guard isFile(path) else { return try checkpoint(path) }
    // A file of that name may be anybody's.
    let header = try? CheckpointHeader(path: Path.join(Path.parent(of: path), "state.json"))
    return StoredModel(path: path, header: header, title: path)
  }

  /// What an evaluation names: a checkpoint, a run directory, or a file, whose tensors say what network it is of.
  ///
  /// - Parameter average: as `checkpoint` has it.
  /// - Throws: as `checkpoint`; `Failure(.badData)` for a file of another network, `Failure(.usage)` for an average of a file.
  package static func named(_ path: String, average: String? = nil) throws -> StoredModel {
    guard isFile(path) else { return try checkpoint(path, average: average) }
    if let average {
      throw Failure(.usage, "\(path) is a file with one set of weights: leave out --weights \(average)")
    }
    var stored = try startFrom(path)
    if stored.header == nil {
      let weights = try StateDict(path)
      let outline = try ModelOutline(weights)
      stored.outline = outline
      // Those that we wrote state their pixels.
      if weights.file.metadata["normalize.mean"] == nil, let doubt = outline.doubt { stored.notes.append(doubt) }
      stored.origin = ModelOrigin(weights.file.metadata, classes: outline.classes)
    }
    return stored
  }

  /// Whether a path is that of a file with weights, be it there or not.
  private static func isFile(_ path: String) -> Bool {
    if FileSystem.status(of: path) != nil { return !FileSystem.isDirectory(path) }
    return [".safetensors", ".pt", ".pth"].contains { path.hasSuffix($0) }
  }

  /// Reads weights, running statistics and normalisation.
  ///
  /// - Parameters:
  ///   - statement: what the user says of the normalisation.
  ///   - layer: one that the state keeps as it is.
  ///   - data: a folder where the data of the training may lie, beside the one that its recipe names.
  ///   - presumed: what to take where nothing says it; not asked otherwise.
  /// - Returns: what is known of the model; all of it is nil but the normalisation for a file of another program.
  /// - Throws: `Failure` for another model, broken numbers, a contradicting statement, or where nobody says how pixels are
  ///   normalised.
  package func read(
    into state: Model, _ statement: Statement, except layer: String? = nil, data: String? = nil,
    presumed: () -> Normalisation? = { nil }
  ) throws -> ModelDescription {
    let file = try ModelFile(path)
    try file.read(into: state, except: layer)
    let known = file.description.normalisation ?? trainingData(orIn: data)
    if let known, let stated = statement.normalisation, stated != known {
      throw Failure(
        statement.code,
        "\(path) was trained with pixels normalised by \(known), not by \(stated): leave out \(statement.means)")
    }
    let guess = known == nil && statement.normalisation == nil ? presumed() : nil
    guard let normalisation = known ?? statement.normalisation ?? guess else {
      throw Failure(
        .badData,
        "\(path) does not say how pixels are normalised\(whyUnknown): give the constants of its training with "
          + statement.means)
    }
    state.normalisation = normalisation
    var description = file.description
    description.normalisation = normalisation
    description.isPresumed = guess != nil
    description.classNames = description.classNames ?? header?.classNames
    description.imageSize = description.imageSize ?? header?.imageSize
    return description
  }

  // MARK: - Checkpoints of format 1

  private var whyUnknown: String {
    guard let header, header.format == 1, let recipe = try? header.readRecipe() else { return "" }
    let data = recipe.data.path.map { "data in \($0)" } ?? "\(recipe.data.name) data"
    return ", and the \(data) that it was trained on is not here to tell"
  }

  /// The constants of the data that a checkpoint of format 1 was trained on, where that data can be identified.
  private func trainingData(orIn directory: String?) -> Normalisation? {
    guard let header, header.format == 1, let recipe = try? header.readRecipe() else { return nil }
    if let published = DatasetCatalog.published(recipe.data.name) { return Normalisation(published) }
    var requests = [try? recipe.dataRequest()]
    if let directory {
      var moved = recipe
      moved.data.path = directory
      if let name = try? DatasetCatalog.recognize(directory, preferring: recipe.data.name) { moved.data.name = name }
      requests.append(try? moved.dataRequest())
    }
    for case let request? in requests {
      guard let data = try? DatasetCatalog.load(request), data.digest == header.dataDigest else { continue }
      return data.statistics.map(Normalisation.init)
    }
    return nil
  }
}

extension Normalisation {
  /// As a training on such data has it.
  package init(_ statistics: ChannelStatistics) {
    guard let own = Normalisation(mean: statistics.mean, deviation: statistics.standardDeviation) else {
      preconditionFailure("constants of a data set that nothing can be divided by")
    }
    self = own
  }
}
