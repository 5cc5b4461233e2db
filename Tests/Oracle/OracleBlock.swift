// The eight residual blocks of PreActResNet-18 as a table.

/// One pre-activation block: its name, channels in and out, and the stride of its first convolution.
package struct OracleBlock: Sendable {
  package let name: String
  package let inputs: Int
  package let outputs: Int
  package let stride: Int

  /// Whether the shortcut is a 1x1 convolution of the activated input (else the input itself).
  package var hasShortcut: Bool { stride != 1 || inputs != outputs }

  /// The blocks in forward order.
  package static func all(width: Int) -> [OracleBlock] {
    [
      OracleBlock(name: "layer1.0", inputs: width, outputs: width, stride: 1),
      OracleBlock(name: "layer1.1", inputs: width, outputs: width, stride: 1),
      OracleBlock(name: "layer2.0", inputs: width, outputs: 2 * width, stride: 2),
      OracleBlock(name: "layer2.1", inputs: 2 * width, outputs: 2 * width, stride: 1),
      OracleBlock(name: "layer3.0", inputs: 2 * width, outputs: 4 * width, stride: 2),
      OracleBlock(name: "layer3.1", inputs: 4 * width, outputs: 4 * width, stride: 1),
      OracleBlock(name: "layer4.0", inputs: 4 * width, outputs: 8 * width, stride: 2),
      OracleBlock(name: "layer4.1", inputs: 8 * width, outputs: 8 * width, stride: 1),
    ]
  }
}
