import Corruptions
import Foundation
import Tensors
import Testing

/// Every corruption against its definition, run on the libraries that the authors used, with the same random numbers
/// (`Tests/goldens/generate_corruptions.py`).
@Suite struct GoldenTests {
  private static let side = 32
  private static let example = 5
  private let golden: [String: Data]

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("goldens/corruptions.json")
    golden = try JSONDecoder().decode([String: Data].self, from: Data(contentsOf: file))
  }

  /// Large blocks of colour under a little noise.
  static let picture: ByteImage = {
    let colours = RandomStream(seed: 0, purpose: .test, epoch: 0, example: example)
    let noise = RandomStream(seed: 0, purpose: .test, epoch: 1, example: example)
    var bytes: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side {
        for c in 0..<3 {
          let colour = colours.word(at: (8 * (y / 4) + x / 4) * 3 + c) >> 24
          bytes.append(UInt8(colour * 224 / 255 + noise.word(at: (side * y + x) * 3 + c) >> 27))
        }
      }
    }
    return ByteImage(height: side, width: side, bytes: bytes)
  }()

  /// The share of bytes that may differ by more than 1: those that a threshold in between (an edge, a flake) decides otherwise.
  private static let strays = ["snow": 0.002, "spatter": 0.002]

  @Test(arguments: CorruptionCatalog.names.filter { $0 != "frost" }) func definition(name: String) throws {
    let corruption = try #require(CorruptionCatalog.corruptions.first { $0.name == name })
    let expected = try [UInt8](#require(golden[name]))
    var samples: [UInt8] = []
    for severity in Severity.all {
      let draws = Draws(seed: 0, corruption: corruption.number, severity: severity, example: Self.example)
      let corrupted = try corruption.corrupt(Self.picture, severity: severity, draws)
      samples += stride(from: 0, to: corrupted.bytes.count, by: 7).map { corrupted.bytes[$0] }
    }
    try #require(samples.count == expected.count)
    let differences = zip(samples, expected).map { abs(Int($0) - Int($1)) }
    let far = differences.count { $0 > 1 }
    #expect(
      Double(far) <= Self.strays[name, default: 0] * Double(samples.count),
      "\(far) of \(samples.count) differ by more than 1, the greatest difference is \(differences.max() ?? 0)")
    #expect(differences.count { $0 > 0 } <= samples.count / 10)
  }

  /// Frost adds a part of one colour where the textures have one alone.
  @Test func frostOfOneColour() throws {
    let folder = NSTemporaryDirectory() + "frost-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let texture = ByteImage(height: 200, width: 240, bytes: [UInt8](repeating: 200, count: 200 * 240 * 3))
    for number in 1...5 {
      try Data(PictureFile.jpeg(texture, quality: 95)).write(to: URL(fileURLWithPath: "\(folder)/frost\(number).jpg"))
    }
    let (all, origin) = try CorruptionCatalog.corruptions(frostIn: folder)
    #expect(origin != "made")
    let frost = try #require(all.first { $0.name == "frost" })
    for (severity, (c0, c1)) in zip(Severity.all, [(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)]) {
      let draws = Draws(seed: 0, corruption: frost.number, severity: severity, example: Self.example)
      let corrupted = try frost.corrupt(Self.picture, severity: severity, draws)
      for (before, after) in zip(Self.picture.bytes, corrupted.bytes) {
        #expect(abs(min(255, c0 * Double(before) + c1 * 200) - Double(after)) <= 1)
      }
    }
  }
}
