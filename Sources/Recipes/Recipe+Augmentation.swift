// What happens to training images, as the steps' own keys say.

import Augmentations
import Options

extension Recipe.Augmentation {
  /// Tells a step something; `key` is without the section, and the value allowed.
  package mutating func set(_ key: String, _ value: String) {
    give(value, to: augmentationOptions.first { $0.path == "augmentation.\(key)" }!)
  }

  /// Gives a key a value; what it is anyhow is not kept, so that equal augmentations are equal.
  mutating func give(_ value: String, to option: PartOption) {
    given[option.path] = option.isEqual(value, option.value) ? nil : value
  }

  /// The value of a key as YAML.
  func text(_ option: PartOption) -> String { given[option.path] ?? option.value }

  /// The steps.
  package var chain: Augmentations.Augmentation { Augmentations.Augmentation(given) }
}

extension Recipe {
  /// Keys of augmentations that do not go together, or not with the images; nil when all is well.
  var augmentationContradiction: (path: String, message: String)? {
    let crops = augmentation.chain.steps.compactMap { $0 as? RandomCrop }
    if crops.isEmpty && augmentation.given["augmentation.padding"] != nil {
      return ("augmentation.padding", "augmentation.crop is 0, so nothing is padded: leave it at reflect, or crop")
    }
    let resizes = augmentation.given["augmentation.resize-scale"] != nil
    if !resizes && augmentation.given["augmentation.resize-ratio"] != nil {
      return (
        "augmentation.resize-ratio",
        "augmentation.resize-scale is none, so nothing is resized: leave this out, or give that, such as [0.8, 1.2]"
      )
    }
    guard data.name == "synthetic" else { return nil }
    for crop in crops where crop.padding == .reflect && crop.size >= data.size {
      return (
        "augmentation.crop",
        "padding by reflection must be smaller than the images (data.size \(data.size)); lower it, or set "
          + "augmentation.padding to zeros"
      )
    }
    return nil
  }
}
