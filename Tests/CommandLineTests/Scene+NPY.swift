import Foundation

extension Scene {
  /// Own data in a folder: 16x16 images of one colour a class, with these labels.
  func writeNPY(_ folder: String = "own", train: [Int], test: [Int]) throws {
    try FileManager.default.createDirectory(atPath: path(folder), withIntermediateDirectories: true)
    for (part, labels) in [("train", train), ("test", test)] {
      let images = labels.enumerated().flatMap { i, label in
        (0..<768).map { UInt8(truncatingIfNeeded: label * 40 + $0 % 3 * 50 + (i * 13 + $0 * 7) % 11) }
      }
      try write(images, "|u1", "(\(labels.count), 16, 16, 3)", to: "\(folder)/\(part)_images.npy")
      let bytes = labels.flatMap { label in (0..<4).map { UInt8(truncatingIfNeeded: label >> (8 * $0)) } }
      try write(bytes, "<i4", "(\(labels.count),)", to: "\(folder)/\(part)_labels.npy")
    }
  }

  /// A file as numpy.lib.format describes it, version 1.0.
  private func write(_ data: [UInt8], _ type: String, _ shape: String, to name: String) throws {
    let dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
    let head: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(dictionary.utf8.count), 0]
    try Data(head + Array(dictionary.utf8) + data).write(to: URL(fileURLWithPath: path(name)))
  }
}
