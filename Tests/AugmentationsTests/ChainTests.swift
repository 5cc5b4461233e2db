import Augmentations
import Datasets
import Testing

/// Steps one after another, as a recipe has them.
@Suite struct ChainTests {
  private let images = LabeledImages(
    height: Picture.height, width: Picture.width, pixels: Picture.bytes + Picture.bytes.reversed(), labels: [0, 1])
  private static let all = [
    "augmentation.crop": "2", "augmentation.padding": "zeros", "augmentation.flip": "true",
    "augmentation.resize-scale": "[0.6, 1.2]", "augmentation.resize-ratio": "[0.8, 1.25]",
    "augmentation.jitter": "0.25",
    "augmentation.rotation": "15", "augmentation.erasing": "1",
  ]
  private static let none = ["augmentation.crop": "0", "augmentation.flip": "false"]

  @Test func offIsTheImageItself() {
    let chain = Augmentation(Self.none)
    #expect(chain.steps.isEmpty)
    #expect(chain.floats(1, of: images, seed: 9, epoch: 4) == Picture.bytes.reversed().map { Float($0) / 255 })
  }

  /// Without a word of it: crop 4 from reflect padding, and a mirror.
  @Test func defaults() throws {
    let chain = Augmentation([:])
    #expect(chain.steps.count == 2)
    let crop = try #require(chain.steps[0] as? RandomCrop)
    #expect(crop.size == 4 && crop.padding == .reflect && chain.steps[1] is HorizontalFlip)
    #expect(Set(augmentationOptions.map(\.path)) == Set(Self.all.keys))
  }

  /// Every key that switches a step on changes the image; each step has random numbers of its own, so what the others do stays.
  @Test func everyStepActsByItself() {
    let chain = Augmentation(Self.all)
    #expect(chain.steps.count == 6)
    let whole = chain.floats(of: images, seed: 1, epoch: 2)
    #expect(chain.floats(of: images, seed: 1, epoch: 2) == whole)
    for (seed, epoch, example) in [(2, 2, 0), (1, 3, 0), (1, 2, 1)] {
      #expect(chain.floats(example, of: images, seed: UInt64(seed), epoch: epoch) != whole)
    }
    let off = ["crop": "0", "resize-scale": "none", "jitter": "0", "rotation": "0", "erasing": "0"]
    for (key, value) in off {
      var given = Self.all
      given["augmentation.\(key)"] = value
      let chain = Augmentation(given)
      #expect(chain.steps.count == 5)
      // Some one of a few examples is changed by the step, drawn as it is.
      let seeds: [UInt64] = [1, 2, 3]
      #expect(
        seeds.contains { chain.floats(of: images, seed: $0) != Augmentation(Self.all).floats(of: images, seed: $0) })
    }
  }

  /// The chain does what its steps do one after another, bytes before Floats.
  @Test func theOrder() {
    let chain = Augmentation(Self.all)
    let address = AugmentationAddress(seed: 3, epoch: 1, example: 0)
    let bytes = Picture.changed { canvas in
      RandomCrop(2, .zeros).change(canvas, address)
      ResizedCrop(scale: 0.6...1.2, ratio: 0.8...1.25).change(canvas, address)
      HorizontalFlip().change(canvas, address)
      ColourJitter(0.25).change(canvas, address)
      Rotation(15).change(canvas, address)
    }
    var floats = bytes.map { Float($0) / 255 }
    floats.withUnsafeMutableBufferPointer {
      RandomErasing(1).change($0.baseAddress!, height: Picture.height, width: Picture.width, address)
    }
    #expect(chain.floats(of: images, seed: 3, epoch: 1) == floats)
  }
}
