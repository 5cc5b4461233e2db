// The ends of numbers, for the keys of recipes and the options that mean the same: far beyond any experiment, and near
// enough that what is counted with them fits an `Int` (what is multiplied with several of them is an `Amount`).

/// What a number may be.
package enum Limits {
  /// Channels of a network's first stage.
  package static let width = 1...1_024
  package static let classes = 2...65_536
  /// Images of a data set, of a part of it, or of a limit.
  package static let images = 1...100_000_000
  /// Height and width of images.
  package static let imageSize = 16...1_024
  package static let epochs = 1...1_000_000
  /// Images of a batch, or shards of one.
  package static let batch = 1...1_000_000
  /// Steps from one event to the next.
  package static let steps = 1...1_000_000_000
  /// Of an attack; with the restarts they are part of the addresses of random numbers.
  package static let attackSteps = 0...65_535
  package static let restarts = 1...1_023
  /// Of two images in a norm, pixels in 0...1: in L2 the largest are √3·1,024 apart.
  package static let distances = 0.0...2_000
  /// Of a rank.
  package static let threads = 1...1_024
  /// What single precision holds.
  package static let learningRate = 0...1e38
  /// Of a gradient; PyTorch's formula adds 1e-6 to the norm that it divides by.
  package static let clipNorm = 1e-9...1e9
}

extension ClosedRange<Int> {
  /// The same range from 0 on, where 0 means never or none.
  package var orNone: Self { 0...upperBound }
}
