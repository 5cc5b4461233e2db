// The older format of `torch.save`: five pickles in a row, and the storages after them.

import Failures

/// Reading of files of the older format.
enum TorchStream {
  /// 0x1950a86a20f9469cfc6c, little-endian.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// - Throws: as `TorchFile.init`.
  static func read(_ reader: FileReader) throws(Failure) -> TorchContent {
    let path = reader.path
    var machine = PickleMachine(try reader.bytes(upTo: PickleMachine.limit), path: path)
    guard case .wide(Self.magic) = try machine.run() else {
      throw Failure(
        .badData, "\(path) is a pickle, but no file of PyTorch: its magic number is missing; save it with torch.save")
    }
    guard case .integer(1001) = try machine.run() else {
      throw Failure(.badData, "\(path) is of an unknown version of PyTorch's older format")
    }
    // Sizes of C's types; the order of bytes.
    guard case .mapping(let facts) = try machine.run() else { throw damaged(path, "it says nothing of its machine") }
    for case (.text("little_endian"), .boolean(false)) in machine.mappings[facts] {
      throw Failure(.badData, "\(path) was written on a big-endian machine: save it anew on a little-endian one")
    }
    var content = try TorchContent(try machine.run(), machine, path: path)
    guard case .sequence(let list) = try machine.run() else { throw damaged(path, "it lists no storages") }

    let storages = machine.storages
    var numbers: [String: Int] = [:]
    for (number, storage) in storages.enumerated() { numbers[storage.key] = number }
    var at = machine.position
    for key in machine.sequences[list] {
      guard case .text(let name) = key, let number = numbers[name] else {
        throw damaged(path, "it lists a storage that nothing needs")
      }
      let words = try at <= reader.byteCount - 8 ? reader.bytes(in: at..<at + 8) : []
      let count = words.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      at += 8
      guard words.count == 8, count == UInt64(storages[number].count),
        let size = storages[number].type.byteCount(of: [storages[number].count]), size <= reader.byteCount - at
      else { throw damaged(path, "storage \(name) is cut short") }
      content.places[number] = at
      at += size
    }
    guard let missing = content.needed.first(where: { content.places[$0] == nil }) else { return content }
    throw damaged(path, "storage \(storages[missing].key) is missing")
  }

  private static func damaged(_ path: String, _ what: String) -> Failure {
    Failure(.badData, "\(path) is damaged: \(what)")
  }
}
