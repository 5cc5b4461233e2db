// The directory `checkpoints` of a run: `step-N/` for every checkpoint, N the optimizer steps done.
//
// Names beginning with a point are never taken for a checkpoint. A new one grows in `.step-N.partial-PID` and gets its
// name by one rename when all of it is on the disk; an old one loses its name by one rename before any of it is
// deleted. So a kill at any moment leaves only whole checkpoints under names that count. One process writes at a time
// (`RunLock`).

import Failures
import Foundation
import Platform

/// Writes, finds and deletes the checkpoints of one run.
package struct CheckpointStore: Sendable {
  /// The directory that holds the `step-N`.
  package let directory: String

  /// - Parameter directory: made by the first `write` where it is missing.
  package init(directory: String) { self.directory = directory }

  /// Writes a checkpoint; afterwards it is on the disk, whole, under its name. One of the same step is replaced.
  /// - Parameters:
  ///   - step: at least 0.
  ///   - files: at least one, with different names.
  /// - Throws: `Failure(.inputOutput)` where space is short or a call fails; what closures throw. All earlier
  ///   checkpoints are then still there, and nothing half is left behind.
  @discardableResult
  package func write(step: Int, files: [CheckpointFile]) throws -> Checkpoint {
    let names = files.map(\.name)
    guard step >= 0, !files.isEmpty, Set(names).count == names.count, names.allSatisfy(CompletionRecord.isPlain) else {
      throw Failure(.internal, "a checkpoint of step \(step) cannot hold the files \(names)")
    }
    try FileSystem.makeDirectories(directory)
    try checkSpace(step: step, files: files)
    let partial = path(".step-\(step).partial-\(getpid())")
    try FileSystem.remove(partial)
    do {
      try FileSystem.makeDirectories(partial)
      var record = CompletionRecord(step: step, digests: [])
      for file in files {
        let writer = try FileWriter(Path.join(partial, file.name))
        try file.write(writer)
        record.digests.append((file.name, try writer.finish()))
      }
      // Only when all files are durable does DONE say so.
      try FileSystem.sync(directory: partial)
      let done = try FileWriter(Path.join(partial, CompletionRecord.fileName))
      try done.write(record.text)
      try done.finish()
      try FileSystem.sync(directory: partial)
      try name(partial, step: step)
    } catch {
      try? FileSystem.remove(partial)
      throw error
    }
    return Checkpoint(step: step, directory: path("step-\(step)"))
  }

  /// Deletes all checkpoints but the newest `count` and those of the steps given. A failure to delete is no reason to
  /// end a run: it is returned, and `removeLeftovers` tries again.
  /// - Returns: one line for each checkpoint that could not be deleted.
  package func retain(last count: Int, alsoKeeping steps: Set<Int> = []) -> [String] {
    do {
      let old = try list().dropLast(max(count, 0)).filter { !steps.contains($0.step) }
      var notes: [String] = []
      var doomed: [String] = []
      for checkpoint in old {
        let aside = path(".step-\(checkpoint.step).removed-\(getpid())")
        do {
          try FileSystem.remove(aside)
          try FileSystem.rename(checkpoint.directory, to: aside)
          doomed.append(aside)
        } catch {
          notes.append(error.message)
        }
      }
      if doomed.isEmpty { return notes }
      try FileSystem.sync(directory: directory)
      for path in doomed {
        do { try FileSystem.remove(path) } catch { notes.append(error.message) }
      }
      return notes
    } catch {
      return ["\(error)"]
    }
  }

  /// Renames checkpoints of a later step to `set-aside-step-N`, so that they neither count for `retain` nor are found
  /// again: on a resume those that were refused, or that a return to an earlier one makes void.
  /// - Returns: one line for each.
  /// - Throws: `Failure(.inputOutput)`.
  package func setAside(after step: Int) throws(Failure) -> [String] {
    var notes: [String] = []
    for checkpoint in try list() where checkpoint.step > step {
      var aside = path("set-aside-step-\(checkpoint.step)")
      var number = 1
      while FileSystem.status(of: aside) != nil {
        number += 1
        aside = path("set-aside-step-\(checkpoint.step).\(number)")
      }
      try FileSystem.rename(checkpoint.directory, to: aside)
      notes.append("checkpoint \(checkpoint.directory) is set aside as \(Path.name(of: aside))")
    }
    if !notes.isEmpty { try FileSystem.sync(directory: directory) }
    return notes
  }

  /// Deletes what killed processes left half written or half deleted; puts back a whole checkpoint that one was about
  /// to replace. To be called by the holder of the run's lock.
  /// - Returns: one line for each thing done.
  package func removeLeftovers() throws(Failure) -> [String] {
    guard FileSystem.isDirectory(directory) else { return [] }
    var notes: [String] = []
    for name in try FileSystem.names(in: directory) {
      let parts = name.split(separator: ".")
      guard name.hasPrefix("."), parts.count == 2, let step = Self.step(of: String(parts[0])) else { continue }
      let leftover = path(name)
      if parts[1].hasPrefix("replaced-") {
        let home = path("step-\(step)")
        if FileSystem.status(of: home) == nil, (try? Checkpoint.verify(leftover)) != nil {
          try FileSystem.rename(leftover, to: home)
          notes.append("checkpoint \(home) is back: the one to replace it was never finished")
          continue
        }
      } else if !parts[1].hasPrefix("partial-") && !parts[1].hasPrefix("removed-") {
        continue
      }
      try FileSystem.remove(leftover)
      notes.append("deleted \(leftover), left over by a process that was killed")
    }
    return notes
  }

  /// The step in a name `step-N`; nil for any other name.
  static func step(of name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0, name == "step-\(step)" else {
      return nil
    }
    return step
  }

  func path(_ name: String) -> String { Path.join(directory, name) }

  /// Gives a finished partial directory its name. Between the two renames that replace an older one of the same step,
  /// none has a name that counts: `removeLeftovers` puts the old one back after a kill just there.
  private func name(_ partial: String, step: Int) throws(Failure) {
    let home = path("step-\(step)")
    let replaced = path(".step-\(step).replaced-\(getpid())")
    try FileSystem.remove(replaced)
    if FileSystem.status(of: home) != nil { try FileSystem.rename(home, to: replaced) }
    try FileSystem.rename(partial, to: home)
    try FileSystem.sync(directory: directory)
    try? FileSystem.remove(replaced)
  }

  /// Refuses to begin what would fill the disk: every file takes whole blocks, and DONE one more.
  private func checkSpace(step: Int, files: [CheckpointFile]) throws(Failure) {
    let need = files.reduce(16_384) { $0 + $1.byteCount + 4096 }
    guard let free = FileSystem.freeBytes(at: directory), free < need else { return }
    throw Failure(
      .inputOutput,
      "checkpoint of step \(step) needs \(need) bytes, but \(directory) has \(free) free: "
        + "make room or keep fewer checkpoints")
  }
}
