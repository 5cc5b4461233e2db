import Failures
import Foundation
import Testing

/// A directory of a test's own, gone with the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "datasets-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making the directories above it.
  func write(_ bytes: [UInt8], _ name: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }
}

/// Expects a failure with a code, whose one line mentions every one of `parts`.
func expectFailure(
  _ code: ExitCode, _ parts: String..., location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was thrown", sourceLocation: location)
  } catch let failure as Failure {
    #expect(failure.code == code, "\(failure)", sourceLocation: location)
    #expect(!failure.message.contains("\n"), sourceLocation: location)
    for part in parts {
      #expect(failure.message.contains(part), "\(part) in: \(failure)", sourceLocation: location)
    }
  } catch {
    Issue.record(error, sourceLocation: location)
  }
}
