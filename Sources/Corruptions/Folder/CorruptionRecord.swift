// What a folder of corrupted images was made from. It stands in the folder as `corrupt.json` before the first images do, so
// that the same command can go on, and another one keeps away.

/// The content of `corrupt.json`.
package struct CorruptionRecord: Codable, Equatable, Sendable {
  /// What random numbers come from.
  package let seed: UInt64
  /// The digest of the images and their labels.
  package let images: String
  /// Images a severity.
  package let count: Int
  /// In the order of their rows.
  package let severities: [Int]
  /// Where the textures of frost came from: `made`, or the digest of the pictures.
  package let frost: String

  package static let name = "corrupt.json"

  package init(seed: UInt64, images: String, count: Int, severities: [Int], frost: String) {
    self.seed = seed
    self.images = images
    self.count = count
    self.severities = severities
    self.frost = frost
  }

  /// What keeps this task from going on with a folder of that record; nil where nothing does.
  package func difference(from other: CorruptionRecord) -> String? {
    if other.seed != seed { return "seed \(other.seed)" }
    if other.images != images { return "other images (\(other.count) a severity, here \(count))" }
    if other.severities != severities {
      return "severities \(other.severities.map(String.init).joined(separator: ","))"
    }
    return other.frost == frost ? nil : "other textures of frost"
  }
}
