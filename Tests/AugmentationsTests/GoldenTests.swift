import Augmentations
import Foundation
import Testing

/// Steps against Pillow, byte for byte (goldens/generate_augmentations.py).
@Suite struct GoldenTests {
  struct Golden: Decodable {
    struct Resized: Decodable {
      let window: [Int]
      let image: Data
    }
    struct Jittered: Decodable {
      let property: String
      let factor: Float
      let image: Data
    }
    struct Rotated: Decodable {
      let degrees: Double
      let image: Data
    }
    let resized: [Resized]
    let jitter: [Jittered]
    let rotated: [Rotated]
  }

  private let golden: Golden

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("goldens/augmentations.json")
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  @Test func windowsAreResized() {
    #expect(golden.resized.count == 8)
    for item in golden.resized {
      let w = item.window
      let resized = Picture.changed {
        BicubicFilter.resize(ResizedCrop.Window(top: w[0], left: w[1], height: w[2], width: w[3]), of: $0)
      }
      #expect(resized == [UInt8](item.image), "window \(w)")
    }
  }

  @Test func coloursAreChanged() throws {
    #expect(golden.jitter.count == 27)
    for item in golden.jitter {
      let property = try #require(ColourJitter.Property.allCases.first { "\($0)" == item.property })
      let changed = Picture.changed { ColourJitter.change(property, by: item.factor, $0) }
      #expect(changed == [UInt8](item.image), "\(item.property) by \(item.factor)")
    }
  }

  @Test func picturesAreTurned() {
    #expect(golden.rotated.count == 11)
    for item in golden.rotated {
      let turned = Picture.changed { Rotation.turn($0, by: item.degrees) }
      #expect(turned == [UInt8](item.image), "\(item.degrees) degrees")
    }
  }
}
