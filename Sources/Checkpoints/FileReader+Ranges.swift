// Parts of a file that its reader names by their range.

import Failures

extension FileReader {
  /// The bytes of a range of the file.
  ///
  /// - Throws: `Failure(.badData)` where the file ends before, `Failure(.inputOutput)` on a device error.
  package func bytes(in range: Range<Int>) throws(Failure) -> [UInt8] {
    try Self.array(range.count) { (raw) throws(Failure) in try read(into: raw, at: range.lowerBound) }
  }
}
