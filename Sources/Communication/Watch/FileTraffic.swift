// How much a process reads and writes, by the kernel's account (/proc/self/io): a rank that waits for a slow disk moves.

import Platform

/// Counts the stretches of `unit` bytes that this process has read and written.
package struct FileTraffic {
  /// Far more than the heartbeat of a run's lock and the lines of a log come to in a day.
  package static let unit = 4 << 20

  /// What reading the account has itself added to it.
  private var own = 0

  package init() {}

  /// The stretches so far; 0 where the kernel keeps no account.
  package mutating func count() -> Int {
    guard let text = FileSystem.text(of: "/proc/self/io") else { return 0 }
    own += text.utf8.count
    return max(0, Self.bytes(text) - own) / Self.unit
  }

  /// The sum of `rchar` and `wchar`.
  package static func bytes(_ account: String) -> Int {
    account.split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      guard words.count == 2, ["rchar:", "wchar:"].contains(words[0]) else { return sum }
      return sum + (Int(words[1]) ?? 0)
    }
  }
}
