// What one forward pass of the oracle's network leaves behind for its backward pass, and for tests to look at.

/// The record of one forward pass.
package struct OracleTrace: Sendable {
  /// Which statistics the batch norms normalised with.
  package let mode: OracleNormalization
  /// [N, K].
  package var logits: OracleTensor
  /// The input of each layer by its name: `conv1`, `layer1.0.bn1`, `layer1.0.relu1`, `layer1.0.conv1`, `layer1.0.bn2`,
  /// `layer1.0.relu2`, `layer1.0.conv2`, `layer2.0.shortcut.0`, ..., `bn`, `relu`, `pool`, `linear`.
  package var inputs: [String: OracleTensor]
  /// The statistics each batch norm used, by its name; in mode `.batch` with the biased variance.
  package var statistics: [String: ChannelStatistics]

  /// Where each rectifier let its input through, by its name, in the memory order of its input. Two passes with the same
  /// masks lie on the same smooth piece of the network.
  package var masks: [String: [Bool]]
}

/// The statistics that batch norms normalise with.
package enum OracleNormalization: Sendable {
  /// Those of the batch: PyTorch's train mode.
  case batch
  /// The running ones: PyTorch's eval mode.
  case running
}
