// The zip format of `torch.save`: which entry is what.

import Failures

/// Reading of archives.
enum TorchArchive {
  /// - Throws: as `TorchFile.init`.
  static func read(_ reader: FileReader) throws(Failure) -> TorchContent {
    let path = reader.path
    let entries = try ZipDirectory(reader).entries
    let pickles = entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard let name = pickles.first, pickles.count == 1, let pickle = entries[name] else {
      throw Failure(.badData, "\(path) is a zip archive, but no file of PyTorch: it has no entry data.pkl")
    }
    let folder = name.dropLast("data.pkl".count)
    if let order = entries["\(folder)byteorder"] {
      guard try contents(of: order, "byteorder", reader, limit: 16) == Array("little".utf8) else {
        throw Failure(.badData, "\(path) was written on a big-endian machine: save it anew on a little-endian one")
      }
    }
    var machine = PickleMachine(
      try contents(of: pickle, name, reader, limit: PickleMachine.limit), path: path)
    let object = try machine.run()
    var content = try TorchContent(object, machine, path: path)
    for number in content.needed {
      let storage = content.storages[number]
      guard let entry = entries["\(folder)data/\(storage.key)"] else {
        throw Failure(.badData, "\(path) is damaged: storage \(storage.key) is missing")
      }
      guard storage.type.byteCount(of: [storage.count]) == entry.range.count else {
        throw Failure(
          .badData,
          "\(path) is damaged: storage \(storage.key) of \(storage.count) elements has \(entry.range.count) bytes")
      }
      try check(entry, "\(folder)data/\(storage.key)", reader)
      content.places[number] = entry.range.lowerBound
    }
    return content
  }

  /// A whole entry of limited size.
  private static func contents(
    of entry: ZipDirectory.Entry, _ name: String, _ reader: FileReader, limit: Int
  ) throws(Failure) -> [UInt8] {
    guard entry.range.count <= limit else {
      throw Failure(.badData, "\(name) in \(reader.path) has \(entry.range.count) bytes, at most \(limit) are read")
    }
    try check(entry, name, reader)
    return try reader.bytes(in: entry.range)
  }

  /// Compares an entry with its check sum, in blocks of 1 MiB.
  private static func check(_ entry: ZipDirectory.Entry, _ name: String, _ reader: FileReader) throws(Failure) {
    // Without check sums, `torch.serialization.set_crc32_options(False)` writes 0.
    guard entry.sum != 0 else { return }
    var sum = CRC32()
    var at = entry.range.lowerBound
    while at < entry.range.upperBound {
      let end = min(at + 1 << 20, entry.range.upperBound)
      try reader.bytes(in: at..<end).withUnsafeBytes { sum.update($0) }
      at = end
    }
    guard sum.value == entry.sum else {
      throw Failure(
        .badData, "\(name) in \(reader.path) is damaged: it does not have the check sum that the archive says")
    }
  }
}
