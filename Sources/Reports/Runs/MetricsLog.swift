// Reads `metrics.jsonl`. It may be that of a run that goes on, or was killed: a last line may be cut off.

import Foundation

/// The lines of a run's log.
package struct MetricsLog: Equatable, Sendable {
  /// One an epoch, in order; of several lines of the same epoch the last.
  package private(set) var epochs: [EpochEntry] = []
  /// In the order of the steps; of several lines of the same step the last.
  package private(set) var steps: [StepEntry] = []
  /// Lines that are no JSON, or lack what every line has.
  package private(set) var unreadable = 0

  private struct Kind: Decodable {
    let kind: String
  }

  /// Reads what can be read; lines of other kinds are passed over.
  package init(_ text: String) {
    let decoder = JSONDecoder()
    var epochs: [Int: EpochEntry] = [:]
    var steps: [Int: StepEntry] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let data = Data(line.utf8)
      do {
        switch try decoder.decode(Kind.self, from: data).kind {
        case "epoch":
          let entry = try decoder.decode(EpochEntry.self, from: data)
          epochs[entry.epoch] = entry
        case "step":
          let entry = try decoder.decode(StepEntry.self, from: data)
          steps[entry.step] = entry
        default: break
        }
      } catch {
        unreadable += 1
      }
    }
    self.epochs = epochs.values.sorted { $0.epoch < $1.epoch }
    self.steps = steps.values.sorted { $0.step < $1.step }
  }

  /// The epoch that was best on the validation split.
  package var best: EpochEntry? { epochs.last { $0.best == true } }

  /// K, as far as any line tells.
  package var classCount: Int {
    epochs.lazy.compactMap { $0.train?.classCount?.count ?? $0.prior?.count ?? $0.margins255?.count }.first ?? 0
  }

  /// Steps an epoch, once an epoch is over.
  package var stepsPerEpoch: Double? {
    epochs.last.flatMap { line in line.step.map { Double($0) / Double(line.epoch + 1) } }
  }
}
