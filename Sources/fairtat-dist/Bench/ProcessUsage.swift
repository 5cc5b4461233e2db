// What the kernel knows of this process: memory, and how long ago it began.

import CPlatform
import Foundation

/// Memory of one rank, in bytes; nil where the kernel does not say.
struct ProcessUsage: Codable {
  /// Proportional set size: pages that ranks share count a part for each.
  let proportional: Int?
  /// The most that was resident.
  let peakResident: Int?

  init() {
    proportional = Self.kibibytes("Pss:", in: "/proc/self/smaps_rollup")
    peakResident = Self.kibibytes("VmHWM:", in: "/proc/self/status")
  }

  private static func kibibytes(_ key: String, in file: String) -> Int? {
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// Seconds since this process began, to a hundredth; nil where the kernel does not say.
  static var age: Double? {
    let text = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? ""
    // Behind the name, which may hold spaces, the state is field 3 and the start field 22.
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    let age = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    return age >= 0 && age < 1e6 ? age : nil
  }
}
