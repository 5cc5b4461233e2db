import Classification
import Kernels
import Networks
import Oracle
import Parity
import Tensors
import Testing

/// Mean and deviation belong to the model's state, and text keeps every bit of them.
@Suite struct NormalisationTests {
  @Test(
    arguments: [
      ([0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]), ([1 / 3, 0, -2], [Float(0.1).nextUp, 1e-4, 7]),
      ([Float(0.5).nextDown, Float(0.5).nextUp, 1], [1, 1, Float(1).nextDown]),
    ] as [([Float], [Float])])
  func textKeepsEveryBit(mean: [Float], deviation: [Float]) throws {
    let written = try #require(Normalisation(mean: mean, deviation: deviation))
    let read = try #require(
      Normalisation(meanText: written.meanText, deviationText: written.deviationText))
    for c in 0..<3 {
      #expect(read.mean[c].bitPattern == mean[c].bitPattern)
      #expect(read.deviation[c].bitPattern == deviation[c].bitPattern)
    }
  }

  /// As Python's json.dumps writes a list.
  @Test func textOfOtherPrograms() throws {
    let read = try #require(Normalisation(meanText: "[0.485, 0.456, 0.406]", deviationText: "[2.29e-1,0.224, 0.225]"))
    #expect(read == Normalisation(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]))
    #expect(read.description == "mean [0.485, 0.456, 0.406], deviation [0.229, 0.224, 0.225]")
  }

  @Test(arguments: [
    "", "[]", "0.5, 0.5, 0.5", "[0.5, 0.5]", "[0.5, 0.5, 0.5, 0.5]", "[a, b, c]", "[nan, 0.5, 0.5]",
    "[inf, 0.5, 0.5]", "[0.5, 0.5, 0.5", "[0.5,, 0.5, 0.5]", "[1e40, 0.5, 0.5]",
  ])
  func textThatIsNone(text: String) {
    #expect(Normalisation(meanText: text, deviationText: "[1, 1, 1]") == nil)
    #expect(Normalisation(meanText: "[0, 0, 0]", deviationText: text) == nil)
  }

  @Test(
    arguments: [[0, 1, 1], [-0.1, 1, 1], [1, .nan, 1], [1, 1, .infinity], [1, 1, .leastNonzeroMagnitude], [1, 1]]
      as [[Float]])
  func deviationsThatNothingIsDividedBy(deviation: [Float]) {
    #expect(Normalisation(mean: [0.5, 0.5, 0.5], deviation: deviation) == nil)
  }

  /// One network, two states: each has its own constants, and the gradient is that of (p - mean) / deviation.
  @Test func aNetworkNormalisesAsItsStateSays() throws {
    let parameters = OracleParameters.generate(width: 8, classes: 10, seed: 3, affine: .addressed)
    let pixels = OracleData(seed: 4).pixels(0..<3, height: 16, width: 16)
    let labels = [1, 4, 9]
    let engine = EngineNetwork(parameters, height: 16, width: 16, convolution: .direct)
    let constants: [(mean: [Double], deviation: [Double])] = [
      ([0.25, 0.5, 0.75], [0.5, 0.25, 0.125]), ([0.5, 0, 0.125], [1, 2, 0.25]),
    ]
    for (mean, deviation) in constants {
      engine.state.normalisation = Normalisation(mean: mean.map(Float.init), deviation: deviation.map(Float.init))!
      engine.load(parameters)
      let pass = try engine.pass(
        Tensor(pictures: pixels), labels: labels, .running, engine.slice(3, shardSize: 3))
      let oracle = OraclePreActResNet18(parameters, mean: mean, deviation: deviation)
      let trace = oracle.forward(pixels, mode: .running)
      let loss = crossEntropy(trace.logits, labels: labels)
      let gradient = oracle.backward(trace, dlogits: loss.dlogits).pixels
      let difference = OracleTensor(rows: pass.logits).largestDifference(to: trace.logits)
      #expect(difference < 1e-4, "\(mean)")
      // A rectifier may flip in single precision.
      #expect(OracleTensor(pictures: pass.dPictures).distance(to: gradient) < 2e-2, "\(mean)")
    }
  }
}
