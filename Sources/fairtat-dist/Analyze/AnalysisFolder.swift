// The folder that `analyze` writes to; rank 0's.

import Checkpoints
import Failures
import Foundation
import Fairness
import Platform
import Reports

/// A folder for the results, looked at before the work begins.
struct AnalysisFolder {
  private let path: String

  /// Makes the folder.
  ///
  /// - Throws: `Failure(.cannotCreate)` where nothing can be written there, or something else lies there that may not be replaced.
  init(_ path: String, replaces: Bool) throws {
    self.path = path
    guard !path.isEmpty else {
      throw Failure(.cannotCreate, "the folder for the results has no name: give one by --output DIR")
    }
    try FileSystem.makeDirectories(path)
    if !replaces, let other = try FileSystem.names(in: path).first {
      throw Failure(
        .cannotCreate,
        "\(path) holds \(other): name a new folder by --output, or give --force to replace what has the same name")
    }
    for name in ["analysis.json", "analysis.html"] { _ = try OutputFile(Path.join(path, name)) }
  }

  /// Writes the numbers, the page and the charts.
  ///
  /// - Parameter say: told what was written.
  func write(_ analysis: Analysis, _ page: AnalysisPage, _ say: (String) -> Void) throws {
    for (name, text) in page.drawings { try AtomicFile.write(text, to: Path.join(path, name)) }
    try AtomicFile.write(page.html, to: Path.join(path, "analysis.html"))
    try AtomicFile.write(JSONEncoder.pretty().text(analysis), to: Path.join(path, "analysis.json"))
    say("\(Path.join(path, "analysis.html")), analysis.json and \(page.drawings.count) charts as .svg")
  }
}
