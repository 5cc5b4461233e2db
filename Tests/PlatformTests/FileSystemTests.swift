import Failures
import Foundation
import Platform
import Testing

/// Directories of every shape and length: they are made, or a line says why not.
@Suite final class FileSystemTests {
  let folder = NSTemporaryDirectory() + "platform-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test(arguments: ["a", "a/b/c", "x/", "new/../beside", "./here/.", "50%25", "two words", "line\nbreak", "\u{1B}[1m"])
  func areMade(name: String) throws {
    try FileSystem.makeDirectories("\(folder)/\(name)")
    #expect(FileSystem.isDirectory("\(folder)/\(name)"))
    // What is there is fine.
    try FileSystem.makeDirectories("\(folder)/\(name)")
  }

  @Test func errorsAreFailures() throws {
    try "text".write(toFile: "\(folder)/file", atomically: false, encoding: .utf8)
    symlink("nowhere", "\(folder)/dangling")
    let cases = [
      ("\(folder)/file", "Not a directory"), ("\(folder)/file/below", "Not a directory"),
      ("\(folder)/dangling", "Not a directory"), ("", "No such file"),
      (folder + "/" + String(repeating: "n", count: 256), "File name too long"),
      (folder + String(repeating: "/deep", count: 20_000), "File name too long"),
    ]
    for (path, reason) in cases {
      #expect(throws: Failure.self) { try FileSystem.makeDirectories(path) }
      do { try FileSystem.makeDirectories(path) } catch {
        #expect(error.code == .cannotCreate && error.message.contains(reason), "\(error.message.suffix(80))")
      }
    }
  }

  @Test func readsWhatHasNoLength() {
    #expect(FileSystem.text(of: "/proc/self/status")?.contains("SigCgt:") == true)
    #expect(FileSystem.bytes(of: "/dev/zero", limit: 100_000)?.count == 100_000)
    #expect(FileSystem.bytes(of: folder) == nil && FileSystem.text(of: "\(folder)/none") == nil)
    #expect(FileSystem.target(ofLink: folder) == nil)
  }
}
