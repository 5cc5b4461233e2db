// Where a model is written: a new file, whole or not at all.

import ArgumentParser
import Checkpoints
import Failures
import Networks
import Platform
import Training

/// The options of commands that write a model.
struct ModelOutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file to write: .safetensors, or .pt or .pth for a state dict of PyTorch.", valueName: "file"))
  var output: String

  @Flag(help: "Replace a file that is there already.")
  var force = false

  func validate() throws {
    guard ModelFormat(path: output) != nil else {
      throw ValidationError("--output takes a name that ends in .safetensors, .pt or .pth.")
    }
  }

  /// Reads a model and writes it.
  ///
  /// - Parameters:
  ///   - source: the file of another program that it was read from.
  ///   - presumed: what pixels are normalised with, where nothing says it.
  func write(
    _ stored: StoredModel, _ pixels: NormalisationOptions, source: String? = nil, presumed: Normalisation? = nil
  ) throws {
    guard let format = ModelFormat(path: output) else { return }
    guard force || FileSystem.status(of: output) == nil else {
      throw Failure(.cannotCreate, "\(output) is there already: give another name, or --force to replace it")
    }
    guard let place = try OutputFile(output).replaced else {
      throw Failure(.cannotCreate, "\(output) is no regular file, and a model is written as a whole")
    }
    for note in stored.notes { CommandOutcome.say(note) }
    let model = try ExportedModel(
      stored, NormalisationOptions.statement(pixels.normalisation), source: source, presumed: presumed)
    try model.write(to: place, format, program: Version.text)
    try StandardStream.output.write(PlainText.line("wrote \(output): \(model.summary)") + "\n")
  }
}
