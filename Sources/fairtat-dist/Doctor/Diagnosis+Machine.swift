// Memory and disk.

import Foundation

extension Diagnosis {
  /// Huge pages, memory and disk.
  func machineFindings() -> [Finding] {
    [hugePages, memory, disk]
  }

  private var hugePages: Finding {
    let text = byHost(\.hugePages)
    if hosts.contains(where: { $0.ranks[0].hugePages == "never" }) {
      return Finding(
        "huge-pages", text, .warning,
        "the kernel gives no huge pages and every pass is slower; as root: echo madvise > "
          + "/sys/kernel/mm/transparent_hugepage/enabled")
    }
    return Finding("huge-pages", text)
  }

  private var memory: Finding {
    var texts: [String] = []
    var short: String?
    for (host, onHost) in hosts {
      let need = onHost.reduce(0) { $0 + MemoryNeed.fullWidth.bytes(rank: $1.rank, of: ranks.count) }
      let free = onHost.map(\.availableMemory).min() ?? 0
      texts.append(
        "\(Self.gibibytes(Double(free))) free on \(host), a full-width run takes \(Self.gibibytes(Double(need)))")
      if free > 0 && UInt64(need) > free { short = short ?? host }
    }
    guard let short else { return Finding("memory", .list(texts)) }
    return Finding(
      "memory", .list(texts), .warning,
      "a full-width run of \(counted(ranks.count, "rank")) would not fit on \(short): start fewer ranks with more threads, "
        + "spread them over hosts, or take a narrower network (model.width)")
  }

  private var disk: Finding {
    let folder = FileManager.default.currentDirectoryPath
    guard let free = Self.freeBytes(at: folder) else {
      return Finding("disk", "unknown for \(folder)", .note, "the file system does not say what is free")
    }
    let text = "\(Self.gibibytes(free)) free at \(folder)"
    if access(folder, W_OK | X_OK) != 0 {
      return Finding("disk", text, .warning, "one cannot write here: give runs another place with --run")
    }
    let need = Double(MemoryNeed.fullWidth.disk)
    guard free < need else { return Finding("disk", text) }
    return Finding(
      "disk", text, .warning,
      "the checkpoints of a full-width run take \(Self.gibibytes(need)): make room, or give runs another place with --run"
    )
  }

  /// What this user may still write, in bytes.
  private static func freeBytes(at folder: String) -> Double? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0, status.f_blocks > 0 else { return nil }
    return Double(status.f_bavail) * Double(status.f_frsize)
  }

  static func gibibytes(_ bytes: Double) -> String { String(format: "%.1f GiB", bytes / 0x1p30) }
}
