// What `environment.json` keeps of where a run took place. None of it changes the result, but for the instruction set and what the
// recipe says of it.

import CPlatform
import Foundation
import Training

/// The circumstances of a run.
struct RunEnvironment: Encodable {
  let version: String
  /// The name of the recipe.
  let recipe: String
  let builtFor: String, march: String
  let ranks: Int, threads: Int
  let hosts: [String]
  let processor: String
  /// The algorithms of the network's convolutions that `engine.convolution` came to, each geometry once.
  let convolutions: [Convolution]
  /// What the attack's convolutions multiply in, and who does where that is bfloat16: the bits are the same.
  let attackPrecision: String, bfloat16: String?
  /// OpenBLAS's kernels, where `engine.gemm` takes it.
  let blasCore: String?
  /// SHA-256 of the data set, for those who compare runs.
  let dataDigest: String
  let started: String
  let command: [String]

  init(_ run: Run, threads: Int, recipe: String) {
    version = Version.number
    self.recipe = recipe
    builtFor = String(cString: platform_built_level())
    march = String(cString: platform_built_march())
    ranks = run.communicator.size
    self.threads = threads
    hosts = run.hosts
    processor = RankFacts.processorName
    convolutions = Convolution.all(of: run.network, run.recipe.engine.convolution)
    attackPrecision = run.recipe.attack.precision.rawValue
    bfloat16 = run.recipe.bfloat16(trains: true)?.rawValue
    blasCore = run.recipe.engine.gemm == .openblas ? String(cString: platform_blas_core()) : nil
    dataDigest = run.dataset.digest
    started = ISO8601DateFormatter().string(from: Date())
    command = CommandLine.arguments
  }
}
