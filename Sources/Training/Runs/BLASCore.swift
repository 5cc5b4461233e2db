// OpenBLAS for a run: the same kernels on every rank, since other kernels give other bits.
//
// The library chooses its kernels when it loads, so it is loaded here, after the ranks have agreed on the least capable of
// their CPUs, whatever the environment of one of them says.

import CPlatform
import Communication
import Failures

enum BLASCore {
  /// Loads OpenBLAS; a call of all ranks, before they have other threads.
  ///
  /// - Parameter wanted: OpenBLAS's name of a core; nil takes the best that all ranks can run.
  /// - Throws: `Failure(.configuration)` for a core that does not exist or that a rank cannot run, `.mpiMissing` where
  ///   the library is missing.
  static func load(_ wanted: String?, _ communicator: any Communicator) throws {
    let capability = try communicator.minimum(Int(platform_blas_capability()))
    let names = (0...capability).compactMap { platform_blas_core_name(Int32($0)).map { String(cString: $0) } }
    let core = wanted ?? names[names.count - 1]
    guard names.contains(core) else {
      throw Failure(
        .configuration,
        "engine.blas-core: '\(core)' is no kernel of OpenBLAS that all ranks can run; there are \(names.joined(separator: ", "))"
      )
    }
    let problem = platform_blas_load(core).map { String(cString: $0) } ?? ""
    try communicator.agree(on: problem, what: "whether OpenBLAS loads", cure: "install libopenblas0 on every host")
    guard problem.isEmpty else { throw Failure(.mpiMissing, "engine.gemm: openblas: \(problem)") }
  }
}
