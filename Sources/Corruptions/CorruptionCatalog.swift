// Every corruption there is. A new one is a new file and a line here.

/// The registry of corruptions.
package enum CorruptionCatalog {
  /// Those of the paper by kind, then `glass_blur`, which the archive has besides.
  package static let corruptions: [any Corruption] = [
    GaussianNoise(), ShotNoise(), SpeckleNoise(), ImpulseNoise(),
    DefocusBlur(), GaussianBlur(), MotionBlur(), ZoomBlur(),
    Snow(), Fog(), Frost(), Spatter(),
    Brightness(), Contrast(), Saturate(), ElasticTransform(), Pixelate(), JPEGCompression(),
    GlassBlur(),
  ]

  package static var names: [String] { corruptions.map(\.name) }

  /// Whether the paper's means take a corruption in.
  package static func isInMean(_ name: String) -> Bool { name != GlassBlur.name }

  /// All corruptions, with the textures of frost that lie in a folder, or the program's own.
  ///
  /// - Returns: the corruptions, and where the textures come from, for `CorruptionRecord`.
  /// - Throws: `Failure(.badData)` where the folder lacks a texture.
  package static func corruptions(frostIn folder: String?) throws -> (all: [any Corruption], frost: String) {
    guard let folder else { return (corruptions, FrostTextures.made.origin) }
    let textures = try FrostTextures(folder: folder)
    return (corruptions.map { $0 is Frost ? Frost(textures) : $0 }, textures.origin)
  }
}
