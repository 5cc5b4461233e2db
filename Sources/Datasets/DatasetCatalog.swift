// Every data set there is, by name. A new one is a new file and a line here.

import Failures

/// The registry of data sets.
package enum DatasetCatalog {
  package static let sources: [any DatasetSource.Type] = [
    SyntheticSource.self,
    CIFAR10Source.self,
    CIFAR100Source.self,
    NPYSource.self,
  ]

  package static var names: [String] { sources.map { $0.name } }

  /// Loads what a request asks for.
  ///
  /// - Throws: `Failure` with `configuration` for a request that makes no sense, `badData` for data that does not.
  package static func load(_ request: DatasetRequest) throws -> Dataset { try source(of: request).load(request) }

  /// How much of it there is, without its pixels.
  ///
  /// - Throws: `Failure` as `load`.
  package static func extent(_ request: DatasetRequest) throws -> DatasetExtent {
    try source(of: request).extent(request)
  }

  /// What a training on the data of a request would normalise with; nil where the training images are not there.
  ///
  /// - Throws: as `load`.
  package static func trainingStatistics(_ request: DatasetRequest) throws -> ChannelStatistics? {
    let source = try source(of: request)
    return try source.publishedStatistics ?? source.measuredStatistics(request)
  }

  /// The published constants of a data set; nil where there are none.
  package static func published(_ name: String) -> ChannelStatistics? {
    sources.first { $0.name == name }?.publishedStatistics
  }

  private static func source(of request: DatasetRequest) throws -> any DatasetSource.Type {
    guard let source = sources.first(where: { $0.name == request.name }) else {
      throw Failure(
        .configuration, "data.name is \(request.name): there are \(names.joined(separator: ", "))")
    }
    try request.check()
    return source
  }

  /// The name of the data set that lies in a directory.
  ///
  /// - Parameter preferred: which one is meant where there are several.
  /// - Throws: `Failure` with `badData` where there is none, or more than one and none of them is preferred.
  package static func recognize(_ path: String, preferring preferred: String? = nil) throws -> String {
    guard FileAccess.isDirectory(path) else {
      throw Failure(.badData, "no such directory: \(path); get CIFAR-10 with: launch/get-cifar 10 \(path)")
    }
    let found = sources.filter { $0.recognizes(path) }.map { $0.name }
    guard let first = found.first else {
      if let hint = CIFARFiles.pythonVersion(in: path) { throw Failure(.badData, hint) }
      throw Failure(
        .badData,
        "no data set in \(path): looked for \(CIFAR10Source.files.directory) or data_batch_1.bin, "
          + "\(CIFAR100Source.files.directory) or train.bin, and train_images.npy or test_images.npy; "
          + "get CIFAR-10 with: launch/get-cifar 10 \(path)")
    }
    if let preferred, found.contains(preferred) { return preferred }
    guard found.count == 1 else {
      throw Failure(
        .badData,
        "\(path) holds several data sets (\(found.joined(separator: ", "))): choose one with data.name, "
          + "or give each a folder of its own")
    }
    return first
  }
}
