// How much a data set is, from names, lengths and headers: known before a pixel is read or made, so that what a run takes
// in memory can be held against what there is.

import Failures

/// The extents of a data set.
package struct DatasetExtent: Sendable, Equatable {
  package let height: Int, width: Int
  package let classCount: Int
  /// Images, with what validation will take out; limits are obeyed.
  package let train: Int, test: Int

  package init(height: Int, width: Int, classCount: Int, train: Int, test: Int) {
    self.height = height
    self.width = width
    self.classCount = classCount
    self.train = train
    self.test = test
  }

  /// No set of more images is loaded: the index of an image is part of addresses of 32 bits.
  static let mostImages = 100_000_000

  /// Refuses a file that holds, or claims, more images than any.
  static func check(_ count: Int, in path: String) throws {
    guard count <= mostImages else {
      throw Failure(.badData, "\(path) has \(count) images, at most \(mostImages) are read: split it")
    }
  }
}
