// The weights and batch-norm buffers of PreActResNet-18 under PyTorch's names, and their initial values from the
// addressed generator, so that the generator of the golden files and the product can make the same ones.

import Tensors

/// The state of a PreActResNet-18 of width w (channels w, 2w, 4w, 8w) with K classes: name to tensor.
package struct OracleParameters: Sendable, Equatable {
  /// What the batch norms begin with.
  package enum Affine: Sendable {
    /// weight 1, bias 0: PyTorch's initial values.
    case identity
    /// weight 0.5 + u, bias u − 0.5 (in Float), u addressed as for the other tensors: for tests of gradients.
    case addressed
  }

  package let width: Int
  package let classes: Int
  /// The 56 tensors that training changes: filters OIHW, linear weight [K, 8w], vectors.
  package var trainable: [String: OracleTensor]
  /// `running_mean` and `running_var` of each batch norm (`num_batches_tracked` has no place here).
  package var buffers: [String: OracleTensor]

  /// Names and shapes of the trainable tensors, in the order of PyTorch's `named_parameters()`.
  package static func trainableShapes(width: Int, classes: Int) -> [(name: String, shape: [Int])] {
    var shapes: [(name: String, shape: [Int])] = [("conv1.weight", [width, 3, 3, 3])]
    func addBatchNorm(_ name: String, _ channels: Int) {
      shapes += [(name + ".weight", [channels]), (name + ".bias", [channels])]
    }
    for block in OracleBlock.all(width: width) {
      addBatchNorm(block.name + ".bn1", block.inputs)
      shapes.append((block.name + ".conv1.weight", [block.outputs, block.inputs, 3, 3]))
      addBatchNorm(block.name + ".bn2", block.outputs)
      shapes.append((block.name + ".conv2.weight", [block.outputs, block.outputs, 3, 3]))
      if block.hasShortcut { shapes.append((block.name + ".shortcut.0.weight", [block.outputs, block.inputs, 1, 1])) }
    }
    addBatchNorm("bn", 8 * width)
    return shapes + [("linear.weight", [classes, 8 * width]), ("linear.bias", [classes])]
  }

  /// Initial weights. The trainable tensor number t, element i in PyTorch's memory order, has
  /// u = RandomStream(seed: seed, purpose: .initialization, example: t).uniform(at: i) and is
  /// (2u − 1) · bound, where bound = 1 / sqrt(fan in), each operation in Float; the linear bias has the fan in of the
  /// linear weight. Running mean 0, running variance 1.
  package static func generate(
    width: Int, classes: Int, seed: UInt64, affine: Affine = .identity
  ) -> OracleParameters {
    var trainable: [String: OracleTensor] = [:]
    var buffers: [String: OracleTensor] = [:]
    for (t, (name, shape)) in trainableShapes(width: width, classes: classes).enumerated() {
      let stream = RandomStream(seed: seed, purpose: .initialization, example: t)
      let isLinearBias = name == "linear.bias"
      let isBatchNorm = shape.count == 1 && !isLinearBias
      let isBias = name.hasSuffix(".bias")
      let fanIn = isLinearBias ? 8 * width : shape.dropFirst().reduce(1, *)
      let bound = 1 / Float(fanIn).squareRoot()
      let values = (0..<shape.reduce(1, *)).map { i in
        let u = stream.uniform(at: i)
        if !isBatchNorm { return Double((2 * u - 1) * bound) }
        switch affine {
        case .identity: return isBias ? 0 : 1
        case .addressed: return Double(isBias ? u - 0.5 : 0.5 + u)
        }
      }
      trainable[name] = OracleTensor(shape: shape, values: values)
      if isBatchNorm && !isBias {
        let layer = name.dropLast(".weight".count)
        buffers[layer + ".running_mean"] = OracleTensor(shape: shape, repeating: 0)
        buffers[layer + ".running_var"] = OracleTensor(shape: shape, repeating: 1)
      }
    }
    return OracleParameters(width: width, classes: classes, trainable: trainable, buffers: buffers)
  }

  package init(width: Int, classes: Int, trainable: [String: OracleTensor], buffers: [String: OracleTensor]) {
    self.width = width
    self.classes = classes
    self.trainable = trainable
    self.buffers = buffers
  }

  /// The trainable tensor of a name that must exist.
  package subscript(_ name: String) -> OracleTensor { trainable[name]! }

  /// The running statistics of a batch norm, such as `layer1.0.bn1`.
  package func runningStatistics(_ layer: String) -> ChannelStatistics {
    ChannelStatistics(
      mean: buffers[layer + ".running_mean"]!.values, variance: buffers[layer + ".running_var"]!.values)
  }

  package mutating func setRunningStatistics(_ layer: String, _ statistics: ChannelStatistics) {
    buffers[layer + ".running_mean"]!.values = statistics.mean
    buffers[layer + ".running_var"]!.values = statistics.variance
  }
}
