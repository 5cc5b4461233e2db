// Reads `metrics.jsonl`. It may be that of a run that goes on, or was killed: then its last line is cut off. It may also be
// damaged, or not written by a run at all: no line is believed before its values were checked.

import Foundation

/// The lines of a run's log.
package struct MetricsLog: Equatable, Sendable {
  /// A line that no run writes.
  package struct Fault: Equatable, Sendable {
    /// From 1.
    package let line: Int
    package let reason: String
  }

  /// One an epoch, in order; of several lines of the same epoch the last.
  package private(set) var epochs: [EpochEntry] = []
  /// In the order of the steps; of several lines of the same step the last.
  package private(set) var steps: [StepEntry] = []
  /// The first line that was passed over because no run writes it.
  package private(set) var fault: Fault?
  /// Lines that were passed over, the one that is cut off among them.
  package private(set) var unreadable = 0
  /// K, as the first line that knows it tells; nil where none does.
  private var classes: Int?

  private struct Kind: Decodable {
    let kind: String
  }

  /// The longest line that is read; that of a run of a thousand classes has some 100 KB.
  private static let longestLine = 16 << 20

  /// Reads what can be read; lines of other kinds are passed over.
  package init(_ text: String) { self.init(text.utf8) }

  /// The same for the bytes of a file, whatever they are.
  package init(_ bytes: some Collection<UInt8>) {
    var epochs: [Int: EpochEntry] = [:]
    var steps: [Int: StepEntry] = [:]
    var number = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      let reason: String?
      switch Self.entry(line) {
      case .epoch(let entry):
        reason = entry.fault(classes: &classes)
        if reason == nil { epochs[entry.epoch] = entry }
      case .step(let entry):
        reason = entry.fault
        if reason == nil { steps[entry.step] = entry }
      case .other: reason = nil
      case .none(let words):
        // A writer that was killed, or is about to go on, leaves a line without its end.
        reason = end == nil ? nil : words
        if end == nil { unreadable += 1 }
      }
      if let reason {
        unreadable += 1
        fault = fault ?? Fault(line: number, reason: reason)
      }
    }
    self.epochs = epochs.values.sorted { $0.epoch < $1.epoch }
    self.steps = steps.values.sorted { $0.step < $1.step }
  }

  private enum Entry {
    case epoch(EpochEntry), step(StepEntry), other
    /// Nothing that can be read, and why.
    case none(String)
  }

  private static func entry(_ line: some Collection<UInt8>) -> Entry {
    guard line.count <= longestLine else { return .none("it has \(line.count) bytes") }
    // A decoder would take a line with NULs for UTF-16.
    guard String(validating: line, as: UTF8.self) != nil, !line.contains(0) else {
      return .none("it is not UTF-8 text")
    }
    let data = Data(line)
    let decoder = JSONDecoder()
    do {
      switch try decoder.decode(Kind.self, from: data).kind {
      case "epoch": return .epoch(try decoder.decode(EpochEntry.self, from: data))
      case "step": return .step(try decoder.decode(StepEntry.self, from: data))
      default: return .other
      }
    } catch {
      return .none(LineCheck.words(for: error))
    }
  }

  /// The epoch that was best on the validation split.
  package var best: EpochEntry? { epochs.last { $0.best == true } }

  /// K, as far as any line tells.
  package var classCount: Int { classes ?? 0 }

  /// Steps an epoch, once an epoch is over.
  package var stepsPerEpoch: Double? {
    epochs.last.flatMap { line in line.step.map { Double($0) / Double(line.epoch + 1) } }
  }
}
