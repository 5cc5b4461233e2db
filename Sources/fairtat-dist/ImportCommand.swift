// `fairtat-dist import`.

import ArgumentParser
import Communication
import Datasets
import Failures
import Networks
import Platform
import Training

/// The subcommand `import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Read the weights of another program, and write them as a file of ours.",
    discussion: """
      Takes safetensors, and state dicts that torch.save wrote, of its zip format and the older one; nothing in a file is \
      run, and what is no tensor in plain containers is refused. Names may have prefixes such as module. or 1., the \
      state dict may lie under state_dict or model, and what pixels are normalised with may be among the tensors. The result \
      is for evaluate, and for model.start-from of a training.

        fairtat-dist import best.pth --data-set cifar10 --output m.safetensors
        fairtat-dist evaluate --checkpoint m.safetensors --data DIR
      """)

  @Argument(help: ArgumentHelp("The file with the weights.", valueName: "file"))
  var file: String

  @OptionGroup var target: ModelOutputOptions
  @OptionGroup var pixels: NormalisationOptions

  @Option(
    help: ArgumentHelp(
      "Take the published constants of a data set, where the file does not say what pixels are normalised with.",
      valueName: "name"))
  var dataSet: String?

  func validate() throws {
    guard let dataSet else { return }
    let known = DatasetCatalog.names.filter { DatasetCatalog.published($0) != nil }
    guard known.contains(dataSet) else {
      throw ValidationError("--data-set takes one with published constants: \(known.joined(separator: ", ")).")
    }
    if pixels.mean != nil { throw ValidationError("--data-set takes the place of --mean and --std.") }
  }

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      guard !FileSystem.isDirectory(file) else {
        throw Failure(.usage, "\(file) is a directory: import takes a file with weights, export a checkpoint")
      }
      let presumed = dataSet.flatMap { DatasetCatalog.published($0) }.map { Normalisation($0) }
      try target.write(try StoredModel.named(file), pixels, source: Path.name(of: file), presumed: presumed)
    }
  }
}
