// How far corrupted images are made or judged, said once in a while.

import Foundation
import Platform
import Training

/// The progress line of a command that goes through corruptions; speaks on rank 0.
struct CorruptionPace {
  private let console: Console
  private let files: Int
  private let images: Int
  private let began = ContinuousClock.now
  private var last = ContinuousClock.now
  private var done = 0
  private var ofFile = (number: -1, images: 0)
  private static let interval = Duration.seconds(5)

  /// - Parameter images: of one file.
  init(_ console: Console, files: Int, images: Int) {
    self.console = console
    self.files = files
    self.images = images
  }

  /// Takes in that so many more images are done.
  mutating func made(_ count: Int, of name: String, number: Int, severity: Int) {
    done += count
    ofFile = (number, (ofFile.number == number ? ofFile.images : 0) + count)
    guard ContinuousClock.now - last >= Self.interval else { return }
    last = .now
    let left = (last - began) / .seconds(1) / Double(done) * Double(files * images - done)
    console.progress(
      String(
        format: "%@ (%d of %d)  severity %d  %d of %d images  %@ left", name, number + 1, files, severity,
        ofFile.images,
        images, PlainText.duration(left)))
  }
}
