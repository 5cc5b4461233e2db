// Adversaries of a whole evaluation in one .npy file, row after row as they are found:
//
//   FILE.partial   while the evaluation is at work, or stopped: all rows, and behind them whose they are
//   FILE           at its end
//
// Rank 0 writes; rows that a killed evaluation wrote without keeping them are found and written again.

import Communication
import Datasets
import Digests
import Failures
import Glibc
import Platform
import Tensors

/// The file of adversaries, on every rank.
package final class AdversaryFile {
  private let path: String
  private let communicator: any Communicator
  private let rowSize: Int
  private let header: [UInt8]
  /// Of the array alone.
  private let length: Int
  /// Rank 0's.
  private var descriptor: Int32 = -1
  /// Whether rows of an earlier start are there.
  package private(set) var goesOn = false

  /// - Parameters:
  ///   - path: the file of the adversaries, a regular one, without links.
  ///   - images: what is attacked.
  ///   - subject: all that the adversaries follow from; rows of anything else are not gone on from. Rank 0's counts.
  package init(
    _ path: String, of images: LabeledImages, subject: String, _ communicator: any Communicator
  ) throws {
    self.path = path
    self.communicator = communicator
    rowSize = 4 * images.imageSize
    header = NPYHeader(
      descr: "<f4", fortranOrder: false, shape: [images.count, images.height, images.width, 3]
    ).file(of: [])
    length = header.count + images.count * rowSize
    let owner = Array(Array(subject.utf8).withUnsafeBytes { SHA256.hex(of: $0) }.utf8)
    _ = try communicator.onRoot {
      descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw FileSystem.failure("create", partial, code: .cannotCreate) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw FileSystem.failure("look at", partial) }
      var found = [UInt8](repeating: 0, count: owner.count)
      goesOn =
        Int(status.st_size) == length + owner.count
        && pread(descriptor, &found, found.count, off_t(length)) == found.count && found == owner
      guard !goesOn else { return }
      guard ftruncate(descriptor, 0) == 0, ftruncate(descriptor, off_t(length)) == 0 else {
        throw FileSystem.failure("make room in", partial)
      }
      try header.withUnsafeBytes { try write($0, at: 0) }
      try owner.withUnsafeBytes { try write($0, at: length) }
    }
    goesOn = try communicator.broadcast(goesOn ? 1 : 0) == 1
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private var partial: String { path + ".partial" }

  /// Writes what each rank found of its examples; a call of all of them.
  package func write(_ examples: [Int], _ images: Tensor) throws {
    var own = examples.flatMap { example in (0..<8).map { UInt8(truncatingIfNeeded: example >> (8 * $0)) } }
    own += UnsafeRawBufferPointer(start: images.pointer, count: examples.count * rowSize)
    let parts = try communicator.allGather(own)
    _ = try communicator.onRoot {
      for part in parts { try write(part) }
    }
  }

  /// Writes the rows of one rank.
  private func write(_ part: [UInt8]) throws {
    let count = part.count / (8 + rowSize)
    try part.withUnsafeBytes { bytes in
      for n in 0..<count {
        let example = (0..<8).reduce(0) { $0 | Int(bytes[8 * n + $1]) << (8 * $1) }
        let first = 8 * count + n * rowSize
        try write(
          UnsafeRawBufferPointer(rebasing: bytes[first..<first + rowSize]), at: header.count + example * rowSize)
      }
    }
  }

  /// Makes durable what was written; rank 0's.
  package func sync() throws {
    guard descriptor >= 0 else { return }
    guard fdatasync(descriptor) == 0 else { throw FileSystem.failure("sync", partial) }
  }

  /// Gives the file its name; a call of all ranks.
  package func finish() throws {
    _ = try communicator.onRoot {
      guard ftruncate(descriptor, off_t(length)) == 0 else { throw FileSystem.failure("cut", partial) }
      try sync()
      try FileSystem.rename(partial, to: path)
      try FileSystem.sync(directory: Path.parent(of: path))
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let written = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      guard written > 0 else {
        if errno == EINTR { continue }
        throw FileSystem.failure("write to", partial)
      }
      done += written
    }
  }
}
