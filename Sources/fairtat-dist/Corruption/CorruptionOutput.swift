// The folder that `corrupt` writes to; rank 0's.

import Checkpoints
import Corruptions
import Datasets
import Failures
import Foundation
import Platform

/// A folder for corrupted images: new, or begun by the same command.
final class CorruptionOutput {
  private let path: String
  private let record: CorruptionRecord
  private let images: LabeledImages
  private let lock: RunLock

  /// Makes the folder and takes it; writes what it is made from, and the labels.
  ///
  /// - Throws: `Failure(.cannotCreate)` where it holds anything else, or another process is at work on it.
  init(_ path: String, _ record: CorruptionRecord, _ images: LabeledImages) throws {
    self.path = path
    self.record = record
    self.images = images
    try FileSystem.makeDirectories(path)
    lock = try RunLock.acquire(Path.join(path, "corrupt.lock"), place: (path, "--output"))
    _ = lock.keepBeating(every: 5)
    do {
      try begin()
    } catch {
      lock.release()
      throw error
    }
  }

  /// The corruptions of `names` that are still to be made; says which are there.
  func due(_ names: [String], _ say: (String) -> Void) throws -> [String] {
    try names.filter { name in
      let file = file(name)
      guard FileSystem.status(of: file) != nil else { return true }
      guard let shape = try? NPYFile(file).shape, shape == self.shape else {
        throw Failure(
          .cannotCreate, "\(file) is damaged or of something else: delete it, and the same command makes it anew")
      }
      say("\(name).npy is there already")
      return false
    }
  }

  /// A file to be written.
  func draft(_ name: String) throws -> FileDraft {
    let draft = try FileDraft(file(name))
    try draft.write(NPYHeader(descr: "|u1", fortranOrder: false, shape: shape).file(of: []))
    return draft
  }

  /// Leaves the folder to others.
  func release() { lock.release() }

  private var shape: [Int] { [record.severities.count * images.count, images.height, images.width, 3] }

  private func file(_ name: String) -> String { Path.join(path, "\(name).npy") }

  private func begin() throws {
    let place = Path.join(path, CorruptionRecord.name)
    if let data = FileManager.default.contents(atPath: place) {
      guard let other = try? JSONDecoder().decode(CorruptionRecord.self, from: data) else {
        throw Failure(.cannotCreate, "\(place) is damaged: choose another folder with --output")
      }
      if let difference = record.difference(from: other) {
        throw Failure(
          .cannotCreate, "\(path) holds images made from \(difference): choose another folder with --output")
      }
    } else {
      let others = try FileSystem.names(in: path).filter { $0.hasSuffix(".npy") }
      guard others.isEmpty else {
        throw Failure(
          .cannotCreate,
          "\(path) holds \(others[0]), which this program did not make: choose another folder with --output")
      }
      try AtomicFile.write(JSONEncoder.pretty().text(record), to: place)
    }
    // What a process that was killed had begun; none is at work here now.
    for name in try FileSystem.names(in: path) where name.hasPrefix(".") && name.contains(".npy.partial-") {
      try FileSystem.remove(Path.join(path, name))
    }
    let labels = [[Int32]](repeating: images.labels, count: record.severities.count).flatMap { $0 }
    let isSmall = labels.allSatisfy { $0 < 256 }
    let numbers = labels.flatMap { label in
      withUnsafeBytes(of: label.littleEndian) { Array($0.prefix(isSmall ? 1 : 4)) }
    }
    try AtomicFile.write(
      NPYHeader(descr: isSmall ? "|u1" : "<i4", fortranOrder: false, shape: [labels.count]).file(of: numbers),
      to: Path.join(path, "labels.npy"))
  }
}
