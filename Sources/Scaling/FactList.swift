// Facts of a node or a network as they stand on a command line: `cores=64,bandwidth=450GB/s`, `latency=2us,bandwidth=12GB/s`.

import Failures

/// Reads `key=value,key=value`, the values with their units.
package struct FactList: Sendable {
  /// What a value may be.
  package enum Unit: Sendable {
    case count, seconds, bytes, bytesPerSecond

    /// Factors to seconds and bytes. Of the prefixes k, M, G, T each is a thousand times the one before, as makers of memory and
    /// networks count.
    var factors: [String: Double] {
      let sizes: [(String, Double)] = [("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)]
      switch self {
      case .count: return ["": 1]
      case .seconds: return ["s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9]
      case .bytes:
        return Dictionary(
          uniqueKeysWithValues: sizes.map { ("\($0.0)B", $0.1) } + [("KiB", 1024), ("MiB", 0x1p20), ("GiB", 0x1p30)])
      case .bytesPerSecond:
        return Dictionary(
          uniqueKeysWithValues: sizes.flatMap { [("\($0.0)B/s", $0.1), ("\($0.0)bit/s", $0.1 / 8)] })
      }
    }

    var example: String {
      switch self {
      case .count: "64"
      case .seconds: "2us"
      case .bytes: "256MB"
      case .bytesPerSecond: "450GB/s"
      }
    }

    /// What a number may be.
    var range: ClosedRange<Double> {
      switch self {
      case .count: 1...65_536
      case .seconds: 0...10
      case .bytes: 0...1e15
      case .bytesPerSecond: 1e3...1e15
      }
    }
  }

  package let values: [String: Double]

  /// - Throws: `Failure(.usage)`: an unknown key, a key given twice, a value without its unit or out of range.
  package init(_ text: String, option: String, keys: [(name: String, unit: Unit)]) throws(Failure) {
    var values: [String: Double] = [:]
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let (name, unit) = keys.first(where: { $0.name == parts[0] }) else {
        let known = keys.map { "\($0.name)=\($0.unit.example)" }.joined(separator: ",")
        throw Failure(.usage, "\(option) takes \(known), any of them, and '\(word)' is none")
      }
      guard values[name] == nil else { throw Failure(.usage, "\(option) has \(name) twice: leave out one") }
      guard let value = Self.value(parts[1], unit), unit.range.contains(value) else {
        throw Failure(
          .usage, "\(option): \(name) is '\(parts[1])', and takes a number with its unit such as \(unit.example)")
      }
      values[name] = value
    }
    self.values = values
  }

  /// A number and one of the unit's names behind it; nil for anything else.
  private static func value(_ text: String, _ unit: Unit) -> Double? {
    let number = text.prefix { "0123456789.".contains($0) }
    guard let value = Double(number), let factor = unit.factors[String(text.dropFirst(number.count))] else {
      return nil
    }
    if case .count = unit, value != value.rounded() { return nil }
    return value * factor
  }
}

extension NodeFacts {
  /// The facts with those of `--node` and `--network` in their places.
  ///
  /// A core has what it has here, and nodes with other cores of them as much more or less, where nothing else is told.
  ///
  /// - Throws: `Failure(.usage)` for a text that is no such list.
  package func replacing(node: String?, network: String?) throws(Failure) -> NodeFacts {
    var facts = self
    if let node {
      let list = try FactList(
        node, option: "--node",
        keys: [
          ("cores", .count), ("bandwidth", .bytesPerSecond), ("core-bandwidth", .bytesPerSecond), ("cache", .bytes),
          ("loop", .seconds), ("latency", .seconds),
        ])
      if let cores = list.values["cores"] { facts = facts.grown(to: Int(cores)) }
      facts.bandwidth = list.values["bandwidth"] ?? facts.bandwidth
      facts.coreBandwidth = list.values["core-bandwidth"] ?? facts.coreBandwidth
      facts.cache = list.values["cache"] ?? facts.cache
      facts.loop = list.values["loop"] ?? facts.loop
      facts.localLatency = list.values["latency"] ?? facts.localLatency
    }
    if let network {
      let list = try FactList(
        network, option: "--network", keys: [("latency", .seconds), ("bandwidth", .bytesPerSecond)])
      facts.latency = list.values["latency"] ?? facts.latency
      facts.networkBandwidth = list.values["bandwidth"] ?? facts.networkBandwidth
    }
    return facts
  }
}
