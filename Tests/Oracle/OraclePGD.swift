// Projected gradient descent inside an L-infinity ball around each picture, toward targets:
//
//   delta_0 = clip(noise · epsilon_n, −x, 1 − x)
//   delta   ← clip(clip(delta − stepSize · sign(dCE(f(x + delta), target)/dx), −epsilon_n, epsilon_n), −x, 1 − x).
//
// Madry, Makelov, Schmidt, Tsipras, Vladu: Towards deep learning models resistant to adversarial attacks. ICLR 2018; with
// targets, per-class margins and train mode (batch statistics, running ones follow) as FAIR-TAT attacks in training.

/// The pictures after `steps` steps, and the mean cross-entropy with the targets that each step saw before moving.
///
/// - Parameters:
///   - network: In mode `.batch` its running statistics follow every forward pass, `steps` of them.
///   - pixels: [N, 3, H, W] in [0, 1].
///   - epsilon: The radius of each example, [N].
///   - noise: In [−1, 1), of the shape of `pixels`.
package func targetedPGD(
  _ network: inout OraclePreActResNet18, pixels: OracleTensor, targets: [Int], epsilon: [Double], stepSize: Double,
  steps: Int, noise: OracleTensor, mode: OracleNormalization
) -> (pixels: OracleTensor, losses: [Double]) {
  func projected(_ delta: Double, _ i: Int) -> Double {
    let radius = epsilon[i / pixels.exampleCount]
    return min(max(min(max(delta, -radius), radius), -pixels.values[i]), 1 - pixels.values[i])
  }
  var delta = pixels
  for i in delta.values.indices {
    delta.values[i] = projected(noise.values[i] * epsilon[i / pixels.exampleCount], i)
  }
  var losses: [Double] = []
  for _ in 0..<steps {
    let trace = network.forward(pixels + delta, mode: mode)
    if mode == .batch { network.updateRunningStatistics(from: trace) }
    let loss = crossEntropy(trace.logits, labels: targets)
    losses.append(loss.mean)
    let dx = network.backward(trace, dlogits: loss.dlogits).pixels
    for i in delta.values.indices {
      let sign: Double = dx.values[i] > 0 ? 1 : dx.values[i] < 0 ? -1 : 0
      delta.values[i] = projected(delta.values[i] - stepSize * sign, i)
    }
  }
  return (pixels + delta, losses)
}
