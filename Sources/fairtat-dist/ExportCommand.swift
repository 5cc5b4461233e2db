// `fairtat-dist export`.

import ArgumentParser
import Communication
import Failures
import Training

/// The subcommand `export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the weights of a checkpoint for other programs.",
    discussion: """
      The tensors have PyTorch's names and layouts. A .safetensors file says in its metadata what pixels are normalised \
      with, the names of the classes, and what training the weights are of; evaluate repeats that training's last test by \
      it. A .pt or .pth file is a state dict for torch.load(weights_only=True); what pixels are normalised with are its \
      tensors mu and sigma. docs/interchange.md has a loader.

        fairtat-dist export --checkpoint DIR --output model.safetensors
        fairtat-dist export --checkpoint DIR --weights fawa --output model.pt
      """)

  @Option(
    help: ArgumentHelp("A checkpoint, a run directory for its newest, or a file with weights.", valueName: "place"))
  var checkpoint: String

  @Option(help: "The weights as trained, or one of their averages.")
  var weights: WeightKind = .raw

  @OptionGroup var target: ModelOutputOptions
  @OptionGroup var pixels: NormalisationOptions

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      let stored = try StoredModel.named(checkpoint, average: weights == .raw ? nil : weights.rawValue)
      try target.write(stored, pixels)
    }
  }
}
