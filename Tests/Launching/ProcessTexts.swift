// Files that a process writes to, since pipes fill up.

import Foundation

/// Standard output and standard error of a process.
package struct ProcessTexts {
  private let output: FileHandle, errors: FileHandle

  /// Lets a process, not yet started, write there.
  package init(of process: Process) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Open files outlive their names.
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) throws -> FileHandle {
      let url = folder.appendingPathComponent(name)
      try Data().write(to: url)
      return try FileHandle(forUpdating: url)
    }
    (output, errors) = (try file("output"), try file("errors"))
    (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, errors)
  }

  /// What was written; once the process has ended.
  package func read() throws -> (output: String, errors: String) {
    func text(_ handle: FileHandle) throws -> String {
      try handle.seek(toOffset: 0)
      return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }
    return (try text(output), try text(errors))
  }
}
