// Paths as texts: POSIX's rules for splitting and joining them, for names and paths of every length. Nothing here asks the
// file system.

/// Takes paths apart and puts them together.
package enum Path {
  /// `directory/name`, without a doubled slash; `name` alone in a directory that is empty or `name` is absolute.
  package static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty || isAbsolute(name) { return name }
    return directory.utf8.last == slash ? directory + name : directory + "/" + name
  }

  /// The directory that the last component lies in, as dirname(1): `.` for a bare name, `/` for what lies in the root and for
  /// the root itself. Slashes at the end belong to the last component.
  package static func parent(of path: String) -> String {
    let bytes = trimmed(path)
    guard let last = bytes.lastIndex(of: slash) else { return bytes.isEmpty && isAbsolute(path) ? "/" : "." }
    let parent = bytes[..<last].reversed().drop { $0 == slash }.reversed()
    return parent.isEmpty ? "/" : String(decoding: Array(parent), as: UTF8.self)
  }

  /// The last component, as basename(1), without slashes at the end: `/` for the root, empty for an empty path.
  package static func name(of path: String) -> String {
    let bytes = trimmed(path)
    if bytes.isEmpty { return isAbsolute(path) ? "/" : "" }
    let first = bytes.lastIndex(of: slash).map { $0 + 1 } ?? bytes.startIndex
    return String(decoding: bytes[first...], as: UTF8.self)
  }

  /// Whether it begins at the root.
  package static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

  private static let slash = UInt8(ascii: "/")

  /// The bytes without slashes at the end.
  private static func trimmed(_ path: String) -> ArraySlice<UInt8> {
    var bytes = Array(path.utf8)[...]
    while bytes.last == slash { bytes.removeLast() }
    return bytes
  }
}
