// The golden files of Tests/goldens, which generate*.py there make with PyTorch in float64: their types
// and their reading.

import Foundation

/// What a golden file keeps of a tensor.
package struct Fingerprint: Decodable, Sendable {
  package let shape: [Int]
  package let sum: Double
  package let norm: Double
  package let samples: [Double]
}

package struct GoldenOperators: Decodable {
  package struct Convolution: Decodable {
    package let input: [Int]
    package let filters: [Int]
    package let stride: Int
    package let padding: Int
    package let y: Fingerprint
    package let dx: Fingerprint
    package let dw: Fingerprint
  }
  package let seed: UInt64
  package let convolutions: [Convolution]
  package let batchNorm: [String: [String: Fingerprint]]
  package let losses: [String: Fingerprint]
}

package struct GoldenTokens: Decodable {
  package let seed: UInt64
  package let operators: [String: [String: Fingerprint]]
}

package struct GoldenNetwork: Decodable {
  package struct Case: Decodable {
    package let width: Int
    package let batch: Int
    package let height: Int
    package let pixelWidth: Int
    package let affine: String
    package let mode: String
    package let loss: Double
    package let logits: Fingerprint
    package let pixels: Fingerprint
    package let gradients: [String: Fingerprint]
    package let buffers: [String: Fingerprint]
  }
  package let seed: UInt64
  package let cases: [Case]
}

package struct GoldenResidual: Decodable {
  package struct Case: Decodable, Sendable {
    package let batch: Int
    package let height: Int
    package let pixelWidth: Int
    package let mode: String
    package let loss: Double
    package let logits: Fingerprint
    package let pixels: Fingerprint
    package let gradients: [String: Fingerprint]
    package let buffers: [String: Fingerprint]
    /// What PyTorch loses in float32: relative L2 norms, by name.
    package let float32: [String: Double]
  }
  /// A name and extents.
  package struct Parameter: Decodable, Sendable {
    package let name: String
    package let shape: [Int]

    package init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      name = try list.decode(String.self)
      shape = try list.decode([Int].self)
    }
  }
  package struct Network: Decodable, CustomStringConvertible, Sendable {
    package let name: String
    package let options: [String: String]
    /// Parameters at full size, by classes.
    package let counts: [String: Int]
    /// In PyTorch's order: trainable tensors, and the whole state.
    package let parameters: [Parameter]
    package let state: [String]
    package let cases: [Case]
    package var description: String { name }
  }
  package let seed: UInt64
  package let networks: [Network]
}

package struct GoldenTraining: Decodable {
  package let seed: UInt64
  package let width: Int
  package let batch: Int
  package let learningRate: Double
  package let momentum: Double
  package let weightDecay: Double
  package let losses: [Double]
  package let parameters: [String: Fingerprint]
  package let buffers: [String: Fingerprint]
}

package struct GoldenAdamW: Decodable {
  package let seed: UInt64
  package let weightDecay: Double
  package let steps: Int
  /// Of the first step; step s has s times as much.
  package let learningRate: Double
  package let parameters: [String: Fingerprint]
  /// PyTorch's `exp_avg` and `exp_avg_sq` of some tensors.
  package let moments: [String: [String: Fingerprint]]
}

package struct GoldenAttack: Decodable {
  package let seed: UInt64
  package let width: Int
  package let batch: Int
  package let steps: Int
  package let stepSize: Double
  package let affine: String
  package let epsilons: [Double]
  package let targets: [Int]
  package let losses: [Double]
  package let pixels: Fingerprint
  package let buffers: [String: Fingerprint]
  package let trainingLoss: Double
}

package struct GoldenFloat32: Decodable {
  /// What PyTorch float32 loses against float64 in four batches, by name: relative L2 norms of the differences.
  package struct Case: Decodable {
    package let weights: String
    package let width: Int
    package let mode: String
    package let logits: [Double]
    package let pixels: [Double]
    package let gradients: [String: [Double]]
  }
  package let batch: Int
  package let cases: [Case]
}

/// The golden file of a name, beside this folder.
package func golden<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: "goldens/\(name).json")))
}
