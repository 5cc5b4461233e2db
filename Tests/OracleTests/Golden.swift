// The golden files of Tests/goldens, which generate.py there makes with PyTorch in float64: their types and their reading.

import Foundation
import Oracle

/// What a golden file keeps of a tensor.
struct Fingerprint: Decodable {
  let shape: [Int]
  let sum: Double
  let norm: Double
  let samples: [Double]
}

struct GoldenOperators: Decodable {
  struct Convolution: Decodable {
    let input: [Int]
    let filters: [Int]
    let stride: Int
    let padding: Int
    let y: Fingerprint
    let dx: Fingerprint
    let dw: Fingerprint
  }
  let seed: UInt64
  let convolutions: [Convolution]
  let batchNorm: [String: [String: Fingerprint]]
  let losses: [String: Fingerprint]
}

struct GoldenNetwork: Decodable {
  struct Case: Decodable {
    let width: Int
    let batch: Int
    let height: Int
    let pixelWidth: Int
    let affine: String
    let mode: String
    let loss: Double
    let logits: Fingerprint
    let pixels: Fingerprint
    let gradients: [String: Fingerprint]
    let buffers: [String: Fingerprint]
  }
  let seed: UInt64
  let cases: [Case]
}

struct GoldenTraining: Decodable {
  let seed: UInt64
  let width: Int
  let batch: Int
  let learningRate: Double
  let momentum: Double
  let weightDecay: Double
  let losses: [Double]
  let parameters: [String: Fingerprint]
  let buffers: [String: Fingerprint]
}

struct GoldenAttack: Decodable {
  let seed: UInt64
  let width: Int
  let batch: Int
  let steps: Int
  let stepSize: Double
  let affine: String
  let epsilons: [Double]
  let targets: [Int]
  let losses: [Double]
  let pixels: Fingerprint
  let buffers: [String: Fingerprint]
  let trainingLoss: Double
}

/// The golden file of a name, beside this folder.
func golden<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: "goldens/\(name).json")))
}
