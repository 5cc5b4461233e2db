// Makes the files of a folder of corrupted images. All ranks make images, rank 0 writes.

import CPlatform
import Checkpoints
import Communication
import Corruptions
import Datasets
import Failures
import Parallelism
import Platform
import Training

/// One `corrupt`, on every rank.
struct CorruptionWriter {
  private let task: CorruptionTask
  private let communicator: any Communicator
  private let console: Console
  private let threads: Int
  private let stop = StopAgreement()
  /// Images a thread makes between two exchanges.
  private static let block = 64

  init(_ task: CorruptionTask, threads: Int, _ communicator: any Communicator, _ console: Console) {
    self.task = task
    self.threads = threads
    self.communicator = communicator
    self.console = console
  }

  /// Writes what is not there yet.
  ///
  /// - Throws: `Failure`: bad data, a folder of something else, a signal (75).
  func run() throws {
    platform_signals_install()
    stop.request = { platform_signals_received() == 0 ? .none : .signal }
    let dataset = try task.dataset()
    try communicator.agree(on: dataset.testDigest, what: "the data set", cure: "give every rank the same files")
    for note in dataset.notes { console.note(note) }
    let images = dataset.test
    let corruptions = try CorruptionCatalog.corruptions(frostIn: task.frost)
    let record = CorruptionRecord(
      seed: task.seed, images: dataset.testDigest, count: images.count, severities: task.severities,
      frost: corruptions.frost)
    let folder = try communicator.onRoot { try CorruptionOutput(task.output, record, images) }
    defer { folder?.release() }
    let due = try communicator.fromRoot { [folder] in
      try folder?.due(task.names) { console.say($0) } ?? []
    }
    // The same on all ranks, whatever their threads.
    let fewest = try communicator.minimum(threads)
    let block = Self.block * fewest * communicator.size
    let pool = ThreadPool(threadCount: threads)
    defer { pool.stop() }
    let maker = CorruptionMaker(images, seed: task.seed, pool: pool)
    var pace = CorruptionPace(console, files: due.count, images: images.count * task.severities.count)
    for (number, name) in due.enumerated() {
      guard let corruption = corruptions.all.first(where: { $0.name == name }) else { continue }
      let draft = try communicator.onRoot { try folder?.draft(name) } ?? nil
      for severity in task.severities {
        for first in stride(from: 0, to: images.count, by: block) {
          let range = first..<min(images.count, first + block)
          do {
            try stop.agree(communicator)
          } catch is Interruption {
            throw Failure(
              .requeue,
              "stopped on a signal: \(number) of \(due.count) files were made; start the same command again to go on")
          }
          let rows = try communicator.allGather(maker.rows(corruption, severity: severity, share(of: range)))
          _ = try communicator.onRoot { for rows in rows { try draft?.write(rows) } }
          pace.made(range.count, of: name, number: number, severity: severity)
        }
      }
      _ = try communicator.onRoot {
        try draft?.commit()
        console.say("\(name).npy")
      }
    }
    console.say("\(task.output): \(task.names.count) corruptions of \(images.count) images")
  }

  /// This rank's part of a block.
  private func share(of range: Range<Int>) -> Range<Int> {
    let (rank, size) = (communicator.rank, communicator.size)
    return range.lowerBound + rank * range.count / size..<range.lowerBound + (rank + 1) * range.count / size
  }
}
