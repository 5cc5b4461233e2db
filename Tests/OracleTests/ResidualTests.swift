// The oracle's other residual networks against PyTorch float64, whose gradients are found without ours.

import Oracle
import Testing

@Suite struct ResidualTests {
  /// Small networks in both modes, on images of two sizes.
  @Test(arguments: try golden("residual", as: GoldenResidual.self).networks) func passesAgreeWithPyTorch(
    network: GoldenResidual.Network
  ) {
    let data = OracleData(seed: 7)
    var worst = Worst()
    for item in network.cases {
      func pixels(from first: Int) -> OracleTensor {
        data.pixels(first..<first + item.batch, height: item.height, width: item.pixelWidth)
      }
      let oracle = OracleResidualNetwork(network.name)
      var state = OracleResidualNetwork.addressedState(network.parameters.map { ($0.name, $0.shape) }, seed: data.seed)
      func pass(_ pixels: OracleTensor, _ mode: OracleNormalization) -> (
        tape: OracleTape, values: (pixels: OracleValue, logits: OracleValue)
      ) {
        let tape = OracleTape(state, mode: mode)
        return (tape, oracle.forward(tape, pixels))
      }
      if item.mode == "eval" {
        for j in 1...3 { state.merge(pass(pixels(from: 100 * j), .batch).tape.moved) { $1 } }
        // As PyTorch's went through float32.
        for name in state.keys { state[name] = state[name]!.map { Double(Float($0)) } }
      }
      let (tape, values) = pass(pixels(from: 0), item.mode == "train" ? .batch : .running)
      let loss = crossEntropy(values.logits.tensor, labels: data.labels(0..<item.batch))
      tape.backward(values.logits, loss.dlogits)
      let place = "\(network.name), \(item.height)x\(item.pixelWidth), \(item.mode)"
      worst.compare(loss.mean, item.loss, "\(place): loss")
      worst.compare(values.logits.tensor, item.logits, data, "\(place): logits")
      worst.compare(values.pixels.gradient, item.pixels, data, "\(place): pixels")
      worst.compare(tape.gradients, item.gradients, data, "\(place): gradient of")
      let buffers = state.filter { $0.key.contains("running") }.merging(tape.moved) { $1 }
      worst.compare(buffers, item.buffers, data, "\(place): buffer")
    }
    worst.expect(below: 1e-6, "\(network.name) against PyTorch")
  }
}
