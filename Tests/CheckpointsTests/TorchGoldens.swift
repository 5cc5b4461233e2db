import Foundation

/// Files that `torch.save` wrote, and what is in them (Tests/goldens/generate_weights.py).
enum TorchGoldens {
  struct Tensor: Decodable {
    let shape: [Int]
    let values: [Double]
  }

  struct Expected: Decodable {
    let kinds: [String: Tensor]
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "goldens/weights")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

  static func expected() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(contentsOf: folder.appending(path: "weights.json")))
  }
}
