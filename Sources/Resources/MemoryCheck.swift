// Whether what the ranks of a host need together is there: asked before anything is made, so that a run which cannot be is a
// line and not a killed process.

import Communication
import Failures
import Tensors

/// One rank's need and what it finds.
package struct MemoryCheck: Codable, Sendable {
  private let host: String
  private let free: FreeMemory
  private let bytes: Int
  /// What is still to be mapped: without the program itself, with what threads reserve beside the memory they use, a stack
  /// and an arena of the allocator each.
  private let mapped: Int
  /// Whether the threads are most of that.
  private let threadsAreMost: Bool
  private let cause: MemoryPart.Cause
  /// Bytes of one item of the largest part.
  private let item: Int

  package init(_ parts: [MemoryPart], threads: Int, host: String, free: FreeMemory = FreeMemory()) {
    self.host = host
    self.free = free
    bytes = parts.reduce(0) { $0 + $1.bytes }.value
    let used = parts.filter { $0.cause != .program }.reduce(0) { $0 + $1.bytes }
    let reserved = Amount(threads) * Amount(72 << 20)
    mapped = (used + reserved).value
    threadsAreMost = reserved > used
    let largest = parts.filter { $0.cause != .program }.max { $0.bytes < $1.bytes }
    cause = largest?.cause ?? .program
    item = largest.map { $0.bytes.value / max(1, $0.items) } ?? 0
  }

  /// Compares what all ranks need with what their hosts have; a call of all ranks.
  ///
  /// - Returns: a line where it will be tight.
  /// - Throws: `Failure(.configuration)` on every rank where it does not fit: need, what is free, what to lower.
  package func compare(_ communicator: any Communicator, _ names: MemoryNames) throws -> String? {
    try Self.compare(try communicator.allGather(coded: self), names)
  }

  /// The same for the checks of all ranks, by rank.
  package static func compare(_ ranks: [MemoryCheck], _ names: MemoryNames) throws -> String? {
    for (rank, own) in ranks.enumerated() {
      if let left = own.free.process, own.mapped > left {
        let advice = own.threadsAreMost ? names[.threads] : own.advice(left, names)
        throw Failure(
          .configuration,
          "rank \(rank) needs \(byteText(own.mapped)) more memory, and \(byteText(left)) are left below its limit (ulimit -v "
            + "or -d) on \(own.host): lower \(advice), or raise the limit")
      }
    }
    var warning: String?
    for (host, group) in Dictionary(grouping: ranks, by: \.host).sorted(by: { $0.key < $1.key }) {
      let need = group.reduce(Amount(0)) { $0 + Amount($1.bytes) }.value
      guard let free = group.compactMap(\.free.host).min() else { continue }
      let largest = group.max { $0.bytes < $1.bytes }!
      let ranks = group.count == 1 ? "" : " for \(group.count) ranks"
      let text = "\(byteText(need)) of memory\(ranks) on \(host), where \(byteText(free)) are free"
      if need > free {
        let fewer = group.count == 1 ? "" : ", or start fewer ranks a host"
        throw Failure(
          .configuration, "this needs \(text): lower \(largest.advice(free / group.count, names))\(fewer)")
      }
      if Double(need) > 0.9 * Double(free) {
        warning = warning ?? "warning: this needs \(text); where that runs out the system ends it without a word"
      }
    }
    return warning
  }

  /// What to lower to come down to so many bytes.
  private func advice(_ room: Int, _ names: MemoryNames) -> String {
    // A single image that does not fit is no matter of how many there are.
    item > room && [.batch, .evaluationBlock].contains(cause)
      ? "\(names[.network]) or the size of the images" : names[cause]
  }
}

/// Bytes in MiB, GiB or TiB.
package func byteText(_ count: Int) -> String {
  let units = [("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40)]
  let (name, size) = units.last { Double(count) >= $0.1 } ?? units[0]
  let tenths = Int((Double(count) / size * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) \(name)"
}
