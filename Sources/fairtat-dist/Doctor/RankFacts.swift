// What every rank tells rank 0 about itself and its host.

import CPlatform
import Communication
import Foundation
import Platform
import Resources

/// The facts of one rank.
struct RankFacts: Codable {
  let rank: Int
  let cores: CoreShare
  let processor: String
  /// The instruction set of the program, with FAIRTAT_MARCH.
  let build: String
  /// Whether products of bfloat16 can be had of it.
  let hasMatrixUnit: Bool
  /// A place in the order of `platform_blas_core_name`.
  let capability: Int
  let roundsAsIEEE754: Bool
  let hugePages: String
  let freeMemory: FreeMemory
  /// The user namespace; ranks in different ones cannot read each other's memory.
  let userNamespace: String
  /// OPENBLAS_CORETYPE as it was given.
  let blasCoreVariable: String?
  /// One thread, all ranks at the same time.
  var speed: Speed

  /// Looks around; `speed` is to be measured.
  init(_ communicator: any Communicator) {
    rank = communicator.rank
    cores = CoreShare(host: communicator.hostName)
    processor = Self.processorName
    build = Self.buildName
    capability = Int(platform_blas_capability())
    hasMatrixUnit = platform_has_matrix_unit() != 0
    roundsAsIEEE754 = platform_rounding_is_standard() != 0
    hugePages = String(cString: platform_huge_pages())
    freeMemory = FreeMemory()
    userNamespace = FileSystem.target(ofLink: "/proc/self/ns/user") ?? "unknown"
    blasCoreVariable = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
    speed = Speed()
  }

  /// The instruction set of this program, with FAIRTAT_MARCH.
  static var buildName: String {
    "\(String(cString: platform_built_level())), FAIRTAT_MARCH=\(String(cString: platform_built_march()))"
  }

  /// As the kernel names it.
  static var processorName: String {
    let info = FileSystem.text(of: "/proc/cpuinfo") ?? ""
    return info.split(separator: "\n").first { $0.hasPrefix("model name") }
      .flatMap { $0.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } } ?? "unknown"
  }
}
