// The cores a rank may count on: those of its mask, shared with the ranks that have the same mask, within the time that
// its container is granted.

import CPlatform
import Communication

/// What one rank knows of its cores, or of its share of them.
struct CoreShare: Codable, Equatable {
  let host: String
  /// The hardware threads of the mask, such as `0-3,8`.
  let mask: String
  let hardwareThreads: Int
  let physicalCores: Int
  /// Cores' worth of processor time that the container grants; 0 without a limit.
  let quota: Double

  /// What this process finds, on a host of that name.
  init(host: String) {
    self.host = host
    var text = [CChar](repeating: 0, count: 4096)
    platform_affinity_text(&text, text.count)
    mask = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    hardwareThreads = Int(platform_core_count())
    physicalCores = Int(platform_physical_core_count())
    quota = platform_core_quota()
  }

  init(host: String, mask: String, hardwareThreads: Int, physicalCores: Int, quota: Double) {
    self.host = host
    self.mask = mask
    self.hardwareThreads = hardwareThreads
    self.physicalCores = physicalCores
    self.quota = quota
  }

  /// The threads that suit this rank: a thread for each physical core, cores and granted time shared evenly; at least 1.
  ///
  /// - Parameter all: the cores of all ranks, this one's included.
  func threads(among all: [CoreShare]) -> Int {
    let onHost = all.filter { $0.host == host }
    var share = physicalCores / max(1, onHost.count { $0.mask == mask })
    if quota > 0 { share = min(share, Int(quota / Double(max(1, onHost.count)))) }
    return max(1, share)
  }
}
