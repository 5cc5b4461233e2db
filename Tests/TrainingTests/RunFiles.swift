// What a run has written, as far as tests compare it.

import Foundation
import Testing

/// A directory that lives as long as this does, and the run in it.
final class RunFiles: Sendable {
  let path: String
  /// The run directory.
  var run: String { path + "/run" }

  init() throws {
    path = NSTemporaryDirectory() + "training-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(run)/\(folder)").sorted()
  }

  func text(_ name: String) throws -> String { try String(contentsOfFile: "\(run)/\(name)", encoding: .utf8) }

  /// The whole lines of a file; none where it is missing.
  func lines(_ name: String) -> [String] {
    guard let text = try? text(name) else { return [] }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.dropLast().map(String.init)
  }

  /// The lines of metrics.jsonl without times, keys sorted.
  func timelessMetrics() throws -> [String] {
    try lines("metrics.jsonl").map { line in
      var object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as! [String: Any]
      object["seconds"] = nil
      object["images_per_second"] = nil
      object["ranks"] = nil
      let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
      return String(decoding: data, as: UTF8.self)
    }
  }

  func metrics(_ kind: String) throws -> [[String: Any]] {
    try lines("metrics.jsonl").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as! [String: Any] }
      .filter { $0["kind"] as? String == kind }
  }

  /// The digests of the epoch lines.
  func digests() throws -> [String] { try metrics("epoch").map { $0["digest"] as! String } }
}

extension RunFiles {
  /// Whether this run has left what another one has, but for times: logs, results, and the last checkpoint byte by byte.
  func checkEqual(to whole: RunFiles, lastStep: Int = 6) throws {
    #expect(try digests() == whole.digests())
    #expect(try timelessMetrics() == whole.timelessMetrics())
    for name in ["classes.csv", "best.json", "recipe.resolved.yaml"] { #expect(try text(name) == whole.text(name)) }
    let last = "checkpoints/step-\(lastStep)"
    #expect(try names(last) == whole.names(last))
    for name in try whole.names(last) {
      #expect(
        FileManager.default.contentsEqual(atPath: "\(run)/\(last)/\(name)", andPath: "\(whole.run)/\(last)/\(name)"),
        "\(name)")
    }
  }
}
