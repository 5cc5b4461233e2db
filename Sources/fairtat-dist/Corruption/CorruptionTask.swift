// What `corrupt` was asked for, and the images it is about.

import Datasets

/// The task of one `corrupt`, the same on every rank.
struct CorruptionTask: Sendable {
  /// The folder with the data; nil for the built-in images.
  let data: String?
  let output: String
  let names: [String]
  /// Ascending.
  let severities: [Int]
  let seed: UInt64
  /// The first so many test images.
  let limit: Int?
  /// The folder with textures of frost; nil for the program's own.
  let frost: String?

  /// The test images.
  ///
  /// - Throws: `Failure` for bad data.
  func dataset() throws -> Dataset {
    var request = DatasetRequest(limitTest: limit)
    request.part = .test
    if let data {
      request.name = try DatasetCatalog.recognize(data)
      request.path = data
    }
    return try DatasetCatalog.load(request)
  }
}
