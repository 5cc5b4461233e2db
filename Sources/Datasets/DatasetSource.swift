// What a data set must know about itself to stand in the catalog.

/// A kind of data that the program can load.
package protocol DatasetSource: SendableMetatype {
  /// The value of `data.name`.
  static var name: String { get }
  /// One line for `list`.
  static var summary: String { get }
  /// Whether a directory holds such data.
  static func recognizes(_ directory: String) -> Bool
  /// How much there is of what a request asks for; reads and makes no pixels.
  ///
  /// - Throws: `Failure`, as `load`.
  static func extent(_ request: DatasetRequest) throws -> DatasetExtent
  /// Loads it, or the part that is asked for.
  ///
  /// - Throws: `Failure`, with `badData` and the file's name where the data is at fault.
  static func load(_ request: DatasetRequest) throws -> Dataset
  /// The constants of the normalisation that its literature agrees on; nil where they are measured from the images.
  static var publishedStatistics: ChannelStatistics? { get }
  /// The constants measured from the training images; nil where those are not there.
  ///
  /// - Throws: `Failure` for training images that cannot be read.
  static func measuredStatistics(_ request: DatasetRequest) throws -> ChannelStatistics?
}

extension DatasetSource {
  package static var publishedStatistics: ChannelStatistics? { nil }
  package static func measuredStatistics(_ request: DatasetRequest) throws -> ChannelStatistics? { nil }
}
