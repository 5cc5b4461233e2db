// Addressed test data: pictures, labels and noise that the generator of the golden files and every test can make again.
//
// All streams have the purpose `.test`; their `epoch` says what the numbers are for (the raw values of `Kind`), their
// `example` is the number of the example.

import Tensors

/// The data of a seed.
package struct OracleData: Sendable {
  /// What the numbers of a stream are for: its `epoch`.
  package enum Kind: Int, Sendable {
    case pixels = 0
    case label = 1
    case noise = 2
    case epsilon = 3
    case target = 4
    case prototype = 5
    case sample = 6
    case values = 7
  }

  package let seed: UInt64
  package let classes: Int

  package init(seed: UInt64, classes: Int = 10) {
    self.seed = seed
    self.classes = classes
  }

  package func stream(_ kind: Kind, example: Int) -> RandomStream {
    RandomStream(seed: seed, purpose: .test, epoch: kind.rawValue, example: example)
  }

  /// Pictures [N, 3, H, W], uniform in [0, 1): position in the stream = position in CHW order.
  package func pixels(_ examples: Range<Int>, height: Int, width: Int) -> OracleTensor {
    tensor(.pixels, examples, [3, height, width]) { Double($0) }
  }

  /// The label of each example, in 0 ..< classes.
  package func labels(_ examples: Range<Int>) -> [Int] {
    examples.map { stream(.label, example: $0).integer(below: classes, at: 0) }
  }

  /// The target of each example, a class other than its label: (label + 1 + integer below K − 1) mod K.
  package func targets(_ examples: Range<Int>) -> [Int] {
    zip(examples, labels(examples)).map { example, label in
      (label + 1 + stream(.target, example: example).integer(below: classes - 1, at: 0)) % classes
    }
  }

  /// Noise of the shape of `pixels`, 2u − 1 in [−1, 1).
  package func noise(_ examples: Range<Int>, height: Int, width: Int) -> OracleTensor {
    tensor(.noise, examples, [3, height, width]) { 2 * Double($0) - 1 }
  }

  /// A radius for each example, (0.5 + u) · 8/255.
  package func epsilon(_ examples: Range<Int>) -> [Double] {
    examples.map { (0.5 + Double(stream(.epsilon, example: $0).uniform(at: 0))) * 8 / 255 }
  }

  /// Pictures that can be learnt: 0.5 · prototype of the label + 0.5 · uniform noise, where the prototype of class k is
  /// the stream of kind `.prototype` and example k at positions of CHW order.
  package func patternedPixels(_ examples: Range<Int>, height: Int, width: Int) -> OracleTensor {
    var x = pixels(examples, height: height, width: width)
    let prototypes = tensor(.prototype, 0..<classes, [3, height, width]) { Double($0) }
    for (n, label) in labels(examples).enumerated() {
      for i in 0..<x.exampleCount {
        x.values[n * x.exampleCount + i] =
          0.5 * prototypes.values[label * x.exampleCount + i] + 0.5 * x.values[n * x.exampleCount + i]
      }
    }
    return x
  }

  /// Values 2u − 1 in [−1, 1) of any shape, for tests of single operators; `number` tells tensors apart.
  package func values(_ shape: [Int], number: Int) -> OracleTensor {
    let stream = stream(.values, example: number)
    return OracleTensor(
      shape: shape, values: (0..<shape.reduce(1, *)).map { 2 * Double(stream.uniform(at: $0)) - 1 })
  }

  /// The positions of the samples that golden files hold of a tensor of `count` elements.
  package func samplePositions(count: Int) -> [Int] {
    let stream = stream(.sample, example: 0)
    return (0..<8).map { stream.integer(below: count, at: $0) }
  }

  private func tensor(
    _ kind: Kind, _ examples: Range<Int>, _ shape: [Int], _ transform: (Float) -> Double
  ) -> OracleTensor {
    let count = shape.reduce(1, *)
    let values = examples.flatMap { example in
      let stream = stream(kind, example: example)
      return (0..<count).map { transform(stream.uniform(at: $0)) }
    }
    return OracleTensor(shape: [examples.count] + shape, values: values)
  }
}
