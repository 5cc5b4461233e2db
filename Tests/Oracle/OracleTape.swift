// Networks in plain loops of any shape: a forward pass is written down operation by operation, and every operation leaves
// what its gradient takes.

/// A tensor of a forward pass, and the gradient of a loss in it.
package final class OracleValue {
  package let tensor: OracleTensor
  package fileprivate(set) var gradient: OracleTensor

  fileprivate init(_ tensor: OracleTensor) {
    self.tensor = tensor
    gradient = OracleTensor(shape: tensor.shape)
  }
}

/// One forward pass over named parameters and running statistics.
package final class OracleTape {
  /// Trainable tensors and running statistics by PyTorch's names.
  package let state: [String: OracleTensor]
  package let mode: OracleNormalization
  /// Of the loss in the trainable tensors, after `backward`.
  package private(set) var gradients: [String: OracleTensor] = [:]
  /// The running statistics as this pass moves them, in mode `.batch`.
  package private(set) var moved: [String: OracleTensor] = [:]
  /// The smallest magnitude in front of any rectifier.
  package private(set) var closest = Double.infinity
  private var steps: [() -> Void] = []

  package init(_ state: [String: OracleTensor], mode: OracleNormalization) {
    self.state = state
    self.mode = mode
  }

  /// Goes back from the gradient in the last value.
  package func backward(_ value: OracleValue, _ gradient: OracleTensor) {
    value.gradient = gradient
    for step in steps.reversed() { step() }
  }

  private func add(_ name: String, _ gradient: OracleTensor) {
    gradients[name] = gradients[name].map { $0 + gradient } ?? gradient
  }

  // MARK: - Operations

  /// Pixels [N, 3, H, W] in [0, 1], normalised by the constants of CIFAR-10; the first value's gradient is that in the pixels.
  package func pixels(_ pixels: OracleTensor) -> (pixels: OracleValue, x: OracleValue) {
    let (mean, deviation) = (OraclePreActResNet18.cifar10Mean, OraclePreActResNet18.cifar10Deviation)
    let plane = pixels.shape[2] * pixels.shape[3]
    var x = pixels
    for i in x.values.indices { x.values[i] = (x.values[i] - mean[i / plane % 3]) / deviation[i / plane % 3] }
    let (input, output) = (OracleValue(pixels), OracleValue(x))
    steps.append {
      input.gradient = output.gradient
      for i in x.values.indices { input.gradient.values[i] /= deviation[i / plane % 3] }
    }
    return (input, output)
  }

  package func convolution(_ x: OracleValue, _ name: String, stride: Int = 1) -> OracleValue {
    let w = state["\(name).weight"]!
    let padding = w.shape[2] / 2
    let y = OracleValue(Oracle.convolution(x.tensor, w, stride: stride, padding: padding))
    steps.append { [self] in
      add(
        "\(name).weight",
        convolutionWeightGradient(x.tensor, y.gradient, weightShape: w.shape, stride: stride, padding: padding))
      x.gradient =
        x.gradient
        + convolutionInputGradient(y.gradient, w, inputShape: x.tensor.shape, stride: stride, padding: padding)
    }
    return y
  }

  package func norm(_ x: OracleValue, _ name: String) -> OracleValue {
    let (gamma, beta) = (state["\(name).weight"]!, state["\(name).bias"]!)
    let running = ChannelStatistics(
      mean: state["\(name).running_mean"]!.values, variance: state["\(name).running_var"]!.values)
    let own = mode == .batch ? ChannelStatistics(of: x.tensor) : running
    if mode == .batch {
      let next = running.updated(with: own, count: x.tensor.count / x.tensor.shape[1])
      moved["\(name).running_mean"] = OracleTensor(shape: gamma.shape, values: next.mean)
      moved["\(name).running_var"] = OracleTensor(shape: gamma.shape, values: next.variance)
    }
    let y = OracleValue(batchNorm(x.tensor, gamma: gamma, beta: beta, statistics: own))
    steps.append { [self] in
      let result =
        mode == .batch
        ? batchNormBackward(y.gradient, x: x.tensor, gamma: gamma)
        : batchNormBackward(y.gradient, x: x.tensor, gamma: gamma, statistics: own)
      add("\(name).weight", result.dgamma)
      add("\(name).bias", result.dbeta)
      x.gradient = x.gradient + result.dx
    }
    return y
  }

  package func rectifier(_ x: OracleValue) -> OracleValue {
    let mask = reluMask(x.tensor)
    closest = x.tensor.values.reduce(closest) { min($0, abs($1)) }
    let y = OracleValue(relu(x.tensor, mask: mask))
    steps.append { x.gradient = x.gradient + reluBackward(y.gradient, mask: mask) }
    return y
  }

  package func sum(_ a: OracleValue, _ b: OracleValue) -> OracleValue {
    let y = OracleValue(a.tensor + b.tensor)
    steps.append {
      a.gradient = a.gradient + y.gradient
      b.gradient = b.gradient + y.gradient
    }
    return y
  }

  /// The average over all pixels, and a linear layer.
  package func head(_ x: OracleValue, _ name: String) -> OracleValue {
    let (w, b) = (state["\(name).weight"]!, state["\(name).bias"]!)
    let pooled = globalAveragePooling(x.tensor)
    let y = OracleValue(linear(pooled, w, b))
    steps.append { [self] in
      let result = linearBackward(y.gradient, x: pooled, w: w)
      add("\(name).weight", result.dw)
      add("\(name).bias", result.db)
      x.gradient = x.gradient + globalAveragePoolingBackward(result.dx, inputShape: x.tensor.shape)
    }
    return y
  }
}
