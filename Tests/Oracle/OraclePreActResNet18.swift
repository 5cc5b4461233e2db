// PreActResNet-18 for small pictures: a 3x3 convolution, eight pre-activation blocks
//
//   o = ReLU(BN1(x)),   y = conv2(ReLU(BN2(conv1(o)))) + shortcut,   shortcut = conv1x1(o) or x,
//
// then ReLU(BN), the average over all pixels and a linear layer. Its first operation is the normalisation
// (pixels − mean) / deviation of each colour, so that gradients are those of pixels in [0, 1].
// He, Zhang, Ren, Sun: Identity mappings in deep residual networks. ECCV 2016; in the variant of Rice, Wong, Kolter:
// Overfitting in adversarially robust deep learning. ICML 2020 (the shortcut convolves the activated input; final BN).

/// The oracle's network: parameters, and forward and backward passes over them.
package struct OraclePreActResNet18: Sendable {
  /// Mean and standard deviation of the CIFAR-10 training set by colour, of pixels in [0, 1].
  package static let cifar10Mean = [0.49139968, 0.48215841, 0.44653091]
  package static let cifar10Deviation = [0.24703223, 0.24348513, 0.26158784]

  package var parameters: OracleParameters
  package var mean: [Double]
  package var deviation: [Double]

  package init(
    _ parameters: OracleParameters, mean: [Double] = cifar10Mean, deviation: [Double] = cifar10Deviation
  ) {
    self.parameters = parameters
    self.mean = mean
    self.deviation = deviation
  }

  /// The forward pass of pixels [N, 3, H, W] in [0, 1], H and W multiples of 8. Running statistics stay as they are:
  /// `updateRunningStatistics(from:)` moves them.
  ///
  /// With `masks` (by the names in `OracleTrace.masks`, NCHW order) the rectifiers let through what these say instead of
  /// what is positive: the network is then smooth, and a Float network with those masks may be held against it without
  /// the jumps of gradients whose kinks rounding has crossed.
  package func forward(
    _ pixels: OracleTensor, mode: OracleNormalization, masks: [String: [Bool]] = [:]
  ) -> OracleTrace {
    var trace = OracleTrace(mode: mode, logits: pixels, inputs: [:], statistics: [:], masks: masks)
    var x = normalized(pixels)
    x = convolve(x, "conv1", stride: 1, padding: 1, &trace)
    for block in OracleBlock.all(width: parameters.width) {
      let shortcutInput = x
      x = activate(x, block.name + ".bn1", block.name + ".relu1", &trace)
      let shortcut =
        block.hasShortcut
        ? convolve(x, block.name + ".shortcut.0", stride: block.stride, padding: 0, &trace) : shortcutInput
      x = convolve(x, block.name + ".conv1", stride: block.stride, padding: 1, &trace)
      x = activate(x, block.name + ".bn2", block.name + ".relu2", &trace)
      x = convolve(x, block.name + ".conv2", stride: 1, padding: 1, &trace) + shortcut
    }
    x = activate(x, "bn", "relu", &trace)
    trace.inputs["pool"] = x
    x = globalAveragePooling(x)
    trace.inputs["linear"] = x
    trace.logits = linear(x, parameters["linear.weight"], parameters["linear.bias"])
    return trace
  }

  /// The gradients of a loss in all trainable tensors and in the pixels, from its gradient in the logits [N, K].
  package func backward(
    _ trace: OracleTrace, dlogits: OracleTensor
  ) -> (parameters: [String: OracleTensor], pixels: OracleTensor) {
    var gradients: [String: OracleTensor] = [:]
    let top = linearBackward(dlogits, x: trace.inputs["linear"]!, w: parameters["linear.weight"])
    gradients["linear.weight"] = top.dw
    gradients["linear.bias"] = top.db
    var dx = globalAveragePoolingBackward(top.dx, inputShape: trace.inputs["pool"]!.shape)
    dx = activateBackward(dx, "bn", "relu", trace, &gradients)
    for block in OracleBlock.all(width: parameters.width).reversed() {
      // The block's output is a sum: its gradient goes down the branch and the shortcut alike.
      let dy = dx
      dx = convolveBackward(dy, block.name + ".conv2", stride: 1, padding: 1, trace, &gradients)
      dx = activateBackward(dx, block.name + ".bn2", block.name + ".relu2", trace, &gradients)
      dx = convolveBackward(dx, block.name + ".conv1", stride: block.stride, padding: 1, trace, &gradients)
      if block.hasShortcut {
        let name = block.name + ".shortcut.0"
        dx = dx + convolveBackward(dy, name, stride: block.stride, padding: 0, trace, &gradients)
      }
      dx = activateBackward(dx, block.name + ".bn1", block.name + ".relu1", trace, &gradients)
      if !block.hasShortcut { dx = dx + dy }
    }
    dx = convolveBackward(dx, "conv1", stride: 1, padding: 1, trace, &gradients)
    return (gradients, normalizedBackward(dx))
  }

  /// Moves every running mean and variance toward the batch's of a forward pass in mode `.batch`, as PyTorch's train
  /// mode does once a forward pass.
  package mutating func updateRunningStatistics(from trace: OracleTrace) {
    precondition(trace.mode == .batch, "running statistics follow batches only")
    for (layer, statistics) in trace.statistics {
      let x = trace.inputs[layer]!
      let running = parameters.runningStatistics(layer).updated(with: statistics, count: x.count / x.shape[1])
      parameters.setRunningStatistics(layer, running)
    }
  }

  private func normalized(_ pixels: OracleTensor) -> OracleTensor {
    var x = pixels
    let plane = pixels.shape[2] * pixels.shape[3]
    for i in x.values.indices {
      let colour = i / plane % 3
      x.values[i] = (pixels.values[i] - mean[colour]) / deviation[colour]
    }
    return x
  }

  private func normalizedBackward(_ dx: OracleTensor) -> OracleTensor {
    var dpixels = dx
    let plane = dx.shape[2] * dx.shape[3]
    for i in dx.values.indices { dpixels.values[i] = dx.values[i] / deviation[i / plane % 3] }
    return dpixels
  }

  private func convolve(
    _ x: OracleTensor, _ name: String, stride: Int, padding: Int, _ trace: inout OracleTrace
  ) -> OracleTensor {
    trace.inputs[name] = x
    return convolution(x, parameters[name + ".weight"], stride: stride, padding: padding)
  }

  private func convolveBackward(
    _ dy: OracleTensor, _ name: String, stride: Int, padding: Int, _ trace: OracleTrace,
    _ gradients: inout [String: OracleTensor]
  ) -> OracleTensor {
    let (x, w) = (trace.inputs[name]!, parameters[name + ".weight"])
    gradients[name + ".weight"] = convolutionWeightGradient(
      x, dy, weightShape: w.shape, stride: stride, padding: padding)
    return convolutionInputGradient(dy, w, inputShape: x.shape, stride: stride, padding: padding)
  }

  /// ReLU(BN(x)).
  private func activate(
    _ x: OracleTensor, _ norm: String, _ rectifier: String, _ trace: inout OracleTrace
  ) -> OracleTensor {
    let (gamma, beta) = (parameters[norm + ".weight"], parameters[norm + ".bias"])
    let statistics = trace.mode == .batch ? ChannelStatistics(of: x) : parameters.runningStatistics(norm)
    let y = batchNorm(x, gamma: gamma, beta: beta, statistics: statistics)
    trace.inputs[norm] = x
    trace.statistics[norm] = statistics
    trace.inputs[rectifier] = y
    let mask = trace.masks[rectifier] ?? reluMask(y)
    trace.masks[rectifier] = mask
    return relu(y, mask: mask)
  }

  private func activateBackward(
    _ dy: OracleTensor, _ norm: String, _ rectifier: String, _ trace: OracleTrace,
    _ gradients: inout [String: OracleTensor]
  ) -> OracleTensor {
    let (x, gamma) = (trace.inputs[norm]!, parameters[norm + ".weight"])
    let drectified = reluBackward(dy, mask: trace.masks[rectifier]!)
    let result =
      trace.mode == .batch
      ? batchNormBackward(drectified, x: x, gamma: gamma)
      : batchNormBackward(drectified, x: x, gamma: gamma, statistics: trace.statistics[norm]!)
    gradients[norm + ".weight"] = result.dgamma
    gradients[norm + ".bias"] = result.dbeta
    return result.dx
  }
}
