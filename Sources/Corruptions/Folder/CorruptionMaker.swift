// Corrupts images on all threads. A row depends on seed, corruption, severity and index of the image alone.

import Datasets
import Failures
import Parallelism

/// Makes corrupted images of a set.
package struct CorruptionMaker {
  private let images: LabeledImages
  private let seed: UInt64
  private let pool: ThreadPool

  package init(_ images: LabeledImages, seed: UInt64, pool: ThreadPool) {
    self.images = images
    self.seed = seed
    self.pool = pool
  }

  /// The corrupted images of a range, one after the other: |range| x H x W x 3 bytes.
  ///
  /// - Throws: the first `Failure` of a thread.
  package func rows(_ corruption: any Corruption, severity: Int, _ range: Range<Int>) throws -> [UInt8] {
    let size = images.imageSize
    var rows = [UInt8](repeating: 0, count: range.count * size)
    var failures = [(any Error)?](repeating: nil, count: pool.threadCount)
    rows.withUnsafeMutableBufferPointer { rows in
      failures.withUnsafeMutableBufferPointer { failures in
        pool.forEach(range.count) { piece, worker in
          let example = range.lowerBound + piece
          let draws = Draws(seed: seed, corruption: corruption.number, severity: severity, example: example)
          do {
            let image = try corruption.corrupt(ByteImage(example, of: images), severity: severity, draws)
            _ = UnsafeMutableBufferPointer(rebasing: rows[piece * size..<(piece + 1) * size]).update(from: image.bytes)
          } catch {
            failures[worker] = failures[worker] ?? error
          }
        }
      }
    }
    for case let failure? in failures { throw failure }
    return rows
  }
}
