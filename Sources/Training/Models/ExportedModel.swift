// A model on its way to other programs, or from them into a file of ours.
//
//   safetensors   PyTorch's state dict; all else in the metadata (ModelDescription.swift)
//   .pt, .pth     the same state dict, and before it the constants of the normalisation as RobustBench has them: `mu` and
//                 `sigma`, [1, 3, 1, 1]. A model owns all that its logits depend on, and a state dict has no other place.

import Checkpoints
import Failures
import Networks
import Platform

/// The formats that models are written in.
package enum ModelFormat: Sendable {
  case safetensors, torch

  /// By the end of the name; nil for another one.
  package init?(path: String) {
    if path.hasSuffix(".safetensors") {
      self = .safetensors
    } else if path.hasSuffix(".pt") || path.hasSuffix(".pth") {
      self = .torch
    } else {
      return nil
    }
  }
}

/// Weights, and what is known of them.
package struct ExportedModel {
  private let model: Model
  private let outline: ModelOutline
  private let description: ModelDescription
  private let origin: ModelOrigin

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - statement: what the user says of the normalisation.
  ///   - source: the name of the file of another program.
  ///   - presumed: what pixels are normalised with, where nothing says it.
  /// - Throws: as `ModelOutline.init` and `StoredModel.read`.
  package init(
    _ stored: StoredModel, _ statement: StoredModel.Statement, source: String?, presumed: Normalisation?
  ) throws {
    let weights = try StateDict(stored.path)
    outline = try ModelOutline(weights)
    let network = outline.network
    model = Model(parameters: network.parameters, statistics: network.statistics)
    description = try stored.read(into: model, statement, presumed: { presumed })
    let name = Path.name(of: stored.path).split(separator: ".").first.map(String.init) ?? ""
    var origin =
      stored.header.map { ModelOrigin($0, weights: name == "model" ? "raw" : name) }
      ?? ModelOrigin(weights.file.metadata, classes: outline.classes)
    if let source { origin.source = source }
    self.origin = origin
  }

  /// For the user.
  package var summary: String {
    let kind = origin.weights.map { ", \($0) weights" } ?? ""
    let step = origin.step.map { " of step \($0)" } ?? ""
    return "\(outline.title)\(kind)\(step), pixels normalised by \(model.normalisation)"
  }

  /// Writes a file, whole or not at all.
  ///
  /// - Parameter program: what the file says that it was written by.
  /// - Throws: `Failure(.inputOutput)`.
  package func write(to path: String, _ format: ModelFormat, program: String) throws {
    let entries = ModelFile.entries(model)
    switch format {
    case .safetensors:
      var metadata = description.metadata.merging(origin.metadata) { own, _ in own }
      metadata["model"] = outline.title
      metadata["program"] = program
      try SafetensorsFile.write(entries, metadata: metadata, to: path)
    case .torch:
      func constant(_ name: String, _ values: SIMD3<Float>) -> TensorEntry {
        TensorEntry(name, shape: [1, 3, 1, 1], values: (0..<3).map { values[$0] })
      }
      let constants = [constant("mu", model.normalisation.mean), constant("sigma", model.normalisation.deviation)]
      try TorchFile.write(constants + entries, to: path)
    }
  }
}
