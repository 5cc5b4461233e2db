// Memory and disk.

import Foundation
import Platform
import Recipes
import Resources
import Tensors

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
    let run = StandardRun.memory(ranks: ranks.count)
    var texts: [String] = []
    var short: String?
    for (host, onHost) in hosts {
      let need = onHost.reduce(Amount(0)) { $0 + run.bytes(rank: $1.rank) }.value
      let free = onHost.compactMap(\.freeMemory.host).min()
      texts.append(
        "\(free.map(byteText) ?? "an unknown amount") free on \(host), a full-width run takes \(byteText(need))")
      if let free, need > free { short = short ?? host }
    }
    let limited = ranks.first { rank in rank.freeMemory.process.map { run.bytes(rank: rank.rank).value > $0 } ?? false }
    if let limited {
      return Finding(
        "memory", .list(texts), .warning,
        "a full-width run would not fit below the limits of rank \(limited.rank) (ulimit -v or -d): raise them")
    }
    guard let short else { return Finding("memory", .list(texts)) }
    return Finding(
      "memory", .list(texts), .warning,
      "a full-width run of \(counted(ranks.count, "rank")) would not fit on \(short): start fewer ranks with more threads, "
        + "spread them over hosts, or take a smaller network (\(Recipe().model.sizes))")
  }

  private var disk: Finding {
    let folder = FileSystem.workingDirectory
    guard let free = FileSystem.freeBytes(at: folder).map(Double.init) else {
      return Finding("disk", "unknown for \(folder)", .note, "the file system does not say what is free")
    }
    let text = "\(byteText(Int(free))) free at \(folder)"
    if access(folder, W_OK | X_OK) != 0 {
      return Finding("disk", text, .warning, "one cannot write here: give runs another place with --run")
    }
    let need = Double(StandardRun.memory(ranks: 1).disk)
    guard free < need else { return Finding("disk", text) }
    return Finding(
      "disk", text, .warning,
      "the checkpoints of a full-width run take \(byteText(Int(need))): make room, or give runs another place with --run"
    )
  }

}
