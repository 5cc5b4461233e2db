// Reading files by position, with errors that name the file.

import Failures
import Glibc

/// What the readers of data sets need from the file system.
enum FileAccess {
  static func isDirectory(_ path: String) -> Bool { mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false }

  static func isFile(_ path: String) -> Bool { mode(of: path).map { $0 & S_IFMT == S_IFREG } ?? false }

  /// The path of something inside a directory.
  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// The length of a file in bytes.
  ///
  /// - Throws: `Failure` with `badData` where there is no such file.
  static func size(of path: String) throws -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw missing(path) }
    return Int(status.st_size)
  }

  /// Up to `count` bytes of a file from `offset` on; fewer only where the file ends.
  ///
  /// - Throws: `Failure` with `badData` where the file cannot be opened, `inputOutput` where reading fails.
  static func read(_ path: String, offset: Int = 0, count: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw missing(path) }
    defer { close(descriptor) }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let n = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
        if n < 0 && errno == EINTR { continue }
        guard n >= 0 else { throw Failure(.inputOutput, "cannot read \(path): \(reason)") }
        guard n > 0 else { break }
        filled += n
      }
    }
  }

  /// The lines of a text file without surrounding blanks, empty ones left out; nil where there is no such file.
  static func lines(of path: String) throws -> [String]? {
    guard isFile(path) else { return nil }
    let text = String(decoding: try read(path, count: size(of: path)), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.isEmpty ? nil : words.joined(separator: " ")
    }
  }

  private static func mode(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode : nil
  }

  private static func missing(_ path: String) -> Failure { Failure(.badData, "cannot open \(path): \(reason)") }

  private static var reason: String { String(cString: strerror(errno)) }
}
