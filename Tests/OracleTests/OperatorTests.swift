// Every operator of the oracle: its gradients against central differences, its values against PyTorch float64.

import Oracle
import Testing

@Suite struct OperatorTests {
  let data = OracleData(seed: 7)

  /// Loss <y, r> with a fixed r, so that dy = r.
  @Test(arguments: [(3, 1, 1), (3, 2, 1), (1, 2, 0), (5, 3, 2), (2, 2, 0)])
  func convolutionGradients(kernel: Int, stride: Int, padding: Int) {
    let x = data.values([2, 3, 7, 6], number: 1)
    let w = data.values([4, 3, kernel, kernel], number: 2)
    let r = data.values(convolutionShape(x.shape, w.shape, stride: stride, padding: padding), number: 3)
    var worst = Worst()
    worst.compare(
      gradient: convolutionInputGradient(r, w, inputShape: x.shape, stride: stride, padding: padding), at: x, "dx"
    ) { convolution($0, w, stride: stride, padding: padding).dot(r) }
    worst.compare(
      gradient: convolutionWeightGradient(x, r, weightShape: w.shape, stride: stride, padding: padding), at: w, "dw"
    ) { convolution(x, $0, stride: stride, padding: padding).dot(r) }
    worst.expect(below: 1e-9, "convolution \(kernel)x\(kernel) stride \(stride), central differences")
  }

  @Test func convolutionsAgreeWithPyTorch() throws {
    let golden = try golden("operators", as: GoldenOperators.self)
    let data = OracleData(seed: golden.seed)
    var worst = Worst()
    for (number, item) in golden.convolutions.enumerated() {
      let (stride, padding) = (item.stride, item.padding)
      let x = data.values(item.input, number: 3 * number)
      let w = data.values(item.filters, number: 3 * number + 1)
      let dy = data.values(item.y.shape, number: 3 * number + 2)
      worst.compare(convolution(x, w, stride: stride, padding: padding), item.y, data, "\(number) y")
      worst.compare(
        convolutionInputGradient(dy, w, inputShape: x.shape, stride: stride, padding: padding), item.dx, data,
        "\(number) dx")
      worst.compare(
        convolutionWeightGradient(x, dy, weightShape: w.shape, stride: stride, padding: padding), item.dw, data,
        "\(number) dw")
    }
    worst.expect(below: 1e-12, "convolutions, PyTorch")
  }

  @Test func batchNormGradients() {
    let x = data.values([3, 4, 5, 2], number: 4)
    let (gamma, beta) = (data.values([4], number: 5), data.values([4], number: 6))
    let r = data.values(x.shape, number: 7)
    let given = ChannelStatistics(mean: [0.1, -0.2, 0.3, 0], variance: [0.5, 1, 2, 0.1])
    var worst = Worst()

    let batch = batchNormBackward(r, x: x, gamma: gamma)
    worst.compare(gradient: batch.dx, at: x, "batch dx") { batchNorm($0, gamma: gamma, beta: beta).y.dot(r) }
    worst.compare(gradient: batch.dgamma, at: gamma, "batch dgamma") { batchNorm(x, gamma: $0, beta: beta).y.dot(r) }
    worst.compare(gradient: batch.dbeta, at: beta, "batch dbeta") { batchNorm(x, gamma: gamma, beta: $0).y.dot(r) }

    let running = batchNormBackward(r, x: x, gamma: gamma, statistics: given)
    worst.compare(gradient: running.dx, at: x, "given dx") {
      batchNorm($0, gamma: gamma, beta: beta, statistics: given).dot(r)
    }
    worst.compare(gradient: running.dgamma, at: gamma, "given dgamma") {
      batchNorm(x, gamma: $0, beta: beta, statistics: given).dot(r)
    }
    worst.compare(gradient: running.dbeta, at: beta, "given dbeta") {
      batchNorm(x, gamma: gamma, beta: $0, statistics: given).dot(r)
    }
    worst.expect(below: 1e-8, "batch norm, central differences")
  }

  @Test func batchNormAgreesWithPyTorch() throws {
    let golden = try golden("operators", as: GoldenOperators.self)
    let data = OracleData(seed: golden.seed)
    let x = data.values([3, 4, 5, 2], number: 100)
    let (gamma, beta) = (data.values([4], number: 101), data.values([4], number: 102))
    let given = ChannelStatistics(
      mean: data.values([4], number: 103).values, variance: data.values([4], number: 104).values.map { $0 + 1.5 })
    let dy = data.values(x.shape, number: 105)

    let (y, statistics) = batchNorm(x, gamma: gamma, beta: beta)
    let updated = given.updated(with: statistics, count: x.count / 4)
    let batch = batchNormBackward(dy, x: x, gamma: gamma)
    let running = batchNormBackward(dy, x: x, gamma: gamma, statistics: given)
    func named(
      _ y: OracleTensor, _ backward: (dx: OracleTensor, dgamma: OracleTensor, dbeta: OracleTensor),
      _ statistics: ChannelStatistics
    ) -> [String: OracleTensor] {
      [
        "y": y, "dx": backward.dx, "dgamma": backward.dgamma, "dbeta": backward.dbeta,
        "mean": OracleTensor(shape: [4], values: statistics.mean),
        "variance": OracleTensor(shape: [4], values: statistics.variance),
      ]
    }
    var worst = Worst()
    worst.compare(named(y, batch, updated), golden.batchNorm["batch"]!, data, "batch")
    let runningY = batchNorm(x, gamma: gamma, beta: beta, statistics: given)
    worst.compare(named(runningY, running, given), golden.batchNorm["running"]!, data, "running")
    worst.expect(below: 1e-12, "batch norm, PyTorch")
  }

  /// Away from the kink: no element within two steps of 0.
  @Test func reluGradient() {
    let x = data.values([2, 3, 4, 4], number: 8).map { $0 + ($0 > 0 ? 0.01 : -0.01) }
    let r = data.values(x.shape, number: 9)
    var worst = Worst()
    worst.compare(gradient: reluBackward(r, mask: reluMask(x)), at: x, "dx") { relu($0).dot(r) }
    worst.expect(below: 1e-10, "relu, central differences")
    let corners = OracleTensor(shape: [3], values: [-1, 0, 2])
    #expect(relu(corners).values == [0, 0, 2])
    #expect(reluBackward(OracleTensor(shape: [3], repeating: 5), mask: reluMask(corners)).values == [0, 0, 5])
  }

  @Test func poolingAndLinearGradients() {
    var worst = Worst()
    let x = data.values([2, 3, 4, 2], number: 10)
    let r = data.values([2, 3], number: 11)
    worst.compare(gradient: globalAveragePoolingBackward(r, inputShape: x.shape), at: x, "pooling dx") {
      globalAveragePooling($0).dot(r)
    }
    let input = data.values([4, 5], number: 12)
    let (w, b) = (data.values([3, 5], number: 13), data.values([3], number: 14))
    let dy = data.values([4, 3], number: 15)
    let backward = linearBackward(dy, x: input, w: w)
    worst.compare(gradient: backward.dx, at: input, "linear dx") { linear($0, w, b).dot(dy) }
    worst.compare(gradient: backward.dw, at: w, "linear dw") { linear(input, $0, b).dot(dy) }
    worst.compare(gradient: backward.db, at: b, "linear db") { linear(input, w, $0).dot(dy) }
    worst.expect(below: 1e-10, "pooling and linear, central differences")
  }

  @Test func lossGradients() {
    let z = data.values([5, 10], number: 16).map { 4 * $0 }
    let other = data.values([5, 10], number: 17).map { 4 * $0 }
    let labels = [3, 0, 9, 3, 5]
    var worst = Worst()
    worst.compare(gradient: crossEntropy(z, labels: labels).dlogits, at: z, "cross-entropy") {
      crossEntropy($0, labels: labels).mean
    }
    let kl = klDivergence(z, other)
    worst.compare(gradient: kl.dpLogits, at: z, "divergence, first") { klDivergence($0, other).mean }
    worst.compare(gradient: kl.dqLogits, at: other, "divergence, second") { klDivergence(z, $0).mean }
    worst.expect(below: 1e-9, "losses, central differences")
  }

  @Test func lossesAgreeWithPyTorch() throws {
    let golden = try golden("operators", as: GoldenOperators.self)
    let data = OracleData(seed: golden.seed)
    let z = data.values([6, 10], number: 110).map { 4 * $0 }
    let other = data.values([6, 10], number: 111).map { 4 * $0 }
    let ce = crossEntropy(z, labels: data.labels(0..<6))
    let kl = klDivergence(z, other)
    var worst = Worst()
    worst.compare(
      [
        "crossEntropy": OracleTensor(shape: [6], values: ce.perExample), "dlogits": ce.dlogits,
        "kl": OracleTensor(shape: [6], values: kl.perExample), "dp": kl.dpLogits, "dq": kl.dqLogits,
      ], golden.losses, data, "losses")
    worst.expect(below: 1e-12, "losses, PyTorch")
  }

  /// Logits far apart neither overflow nor lose the loss.
  @Test func lossesOfExtremeLogits() {
    let z = OracleTensor(shape: [1, 3], values: [1000, -1000, 0])
    #expect(crossEntropy(z, labels: [1]).mean == 2000)
    #expect(crossEntropy(z, labels: [0]).mean == 0)
    #expect(klDivergence(z, z).mean == 0)
  }
}
