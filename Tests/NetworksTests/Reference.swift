// One batch through the oracle, for the engine to be held against.

import Classification
import Kernels
import Networks
import Oracle
import Parity
import Tensors
import Testing

/// The oracle's logits and gradients of a batch.
struct Reference {
  let pixels: OracleTensor
  let labels: [Int]
  let mode: BatchStatistics
  private let logits: OracleTensor
  private let loss: Double
  private let gradients: (parameters: [String: OracleTensor], pixels: OracleTensor)
  /// The smallest magnitude in front of any rectifier.
  private let closest: Double
  private var modeName: String { mode == .running ? "eval" : "train" }

  /// Runs the oracle; in mode `.batchUpdatingRunning` its running statistics move.
  init(_ oracle: inout OraclePreActResNet18, _ pixels: OracleTensor, _ labels: [Int], _ mode: BatchStatistics) {
    let trace = oracle.forward(pixels, mode: mode == .running ? .running : .batch)
    if mode == .batchUpdatingRunning { oracle.updateRunningStatistics(from: trace) }
    let loss = crossEntropy(trace.logits, labels: labels)
    self.pixels = pixels
    self.labels = labels
    self.mode = mode
    logits = trace.logits
    self.loss = loss.mean
    gradients = oracle.backward(trace, dlogits: loss.dlogits)
    closest = trace.masks.keys.map { name in
      trace.inputs[name]!.values.reduce(.infinity) { min($0, abs($1)) }
    }.min()!
  }

  /// Expects logits to 1e-4 of the largest (5e-4 where Winograd may be chosen), gradients by relative L2 norm within
  /// three times PyTorch's float32.
  func compare(
    with engine: EngineNetwork, _ choice: ConvolutionChoice, weights: String, shardSize: Int, _ place: String
  ) throws {
    let sum = GradientSum(engine.network.parameters, pool: engine.pool)
    let slice = engine.slice(labels.count, shardSize: shardSize)
    let pictures = Tensor(pictures: pixels)
    let pass = try engine.pass(pictures, labels: labels, mode, slice, gradients: sum)
    let parameters = engine.exported(engine.total(sum))
    let attack = try engine.pass(pictures, labels: labels, mode == .running ? .running : .batch, slice)
    let isRepeated = attack.logits.hasBits(of: pass.logits)
    #expect(isRepeated)

    let place = "\(place), \(choice), \(modeName)"
    let bound = choice == .direct ? 1e-4 : 5e-4
    var forward = WorstRatio("\(place): logits and loss")
    forward.add(OracleTensor(rows: pass.logits).largestDifference(to: logits), bound: bound, "logits")
    forward.add(pass.loss, loss, bound: bound * loss, "loss")
    let isForwardWithin = forward.isWithinBounds()
    #expect(isForwardWithin, "\(forward.place)")

    let isSmooth = choice == .direct && closest > Float32Loss.kink
    let bounds = try Float32Loss(weights: weights, mode: modeName)
    var backward = WorstRatio(
      "\(place): gradients (a rectifier at \(closest), bounds \(isSmooth ? "without" : "with") flips)")
    var largest = 0.0
    func add(_ gradient: OracleTensor, _ exact: OracleTensor, _ name: String) {
      let distance = gradient.distance(to: exact)
      largest = max(largest, distance)
      backward.add(distance, bound: bounds.bound(name, isSmooth: isSmooth), name)
    }
    #expect(Set(parameters.keys) == Set(gradients.parameters.keys))
    for (name, gradient) in gradients.parameters { add(parameters[name]!, gradient, name) }
    add(OracleTensor(pictures: attack.dPictures), gradients.pixels, "pixels")
    let isBackwardWithin = backward.isWithinBounds()
    #expect(isBackwardWithin, "\(backward.place)")
    print("\(place): largest relative L2 norm of a gradient's error \(largest)")
  }
}
