// swift-tools-version:6.2
//
// The architecture is this list of targets: imports go down only, the compiler refuses the rest.
//
// FAIRTAT_MARCH chooses the instruction set: `native` (default), or a name the compiler knows, such as `x86-64-v4`
// (AVX-512), `x86-64-v3` (AVX2) or `x86-64` (baseline). What the kernels are tiled for follows from it.

import Foundation
import PackageDescription

let march = Context.environment["FAIRTAT_MARCH"] ?? "native"

/// The vector instructions a build may use: those `march` names, or those of this CPU.
func vectorLevel(of march: String) -> String {
  switch march {
  case "native":
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = info.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    let flags = Set(line.split(separator: " "))
    if flags.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl", "fma"]) { return "AVX512" }
    return flags.isSuperset(of: ["avx2", "fma"]) ? "AVX2" : "BASELINE"
  case "x86-64", "x86-64-v2": return "BASELINE"
  case "x86-64-v3", "haswell", "znver1", "znver2", "znver3": return "AVX2"
  default: return "AVX512"
  }
}

let level = vectorLevel(of: march)
let swiftFlags: [SwiftSetting] = [
  .define("FAIRTAT_\(level)"),
  .unsafeFlags(["-Xcc", "-march=\(march)"]),
]
// Index arithmetic in the inner loops: bounds are checked once, at the doors of the operators.
let kernelFlags = swiftFlags + [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]

func target(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = swiftFlags) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftFlags)
}

let package = Package(
  name: "fairtat-dist",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C: what Swift cannot say itself.
    .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "CVector"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng16", providers: [.apt(["libpng-dev"])]),
    .target(name: "CPictures", dependencies: ["CJPEG", "CPNG"]),
    .target(
      name: "CPlatform",
      cSettings: [.define("FAIRTAT_MARCH", to: "\"\(march)\""), .define("FAIRTAT_\(level)")],
      linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread")]),

    // What every floor may use.
    target("Failures", []),
    target("Digests", ["CCrypto"]),
    target("Platform", ["Failures"]),
    target("Options", []),

    // Numerics.
    target("Tensors", []),
    target("Parallelism", ["CPlatform"]),
    target("Kernels", ["CPlatform", "CVector", "Parallelism", "Tensors"], kernelFlags),

    // Networks.
    target("Classification", ["Tensors", "Parallelism"]),
    target("Networks", ["Classification", "Kernels", "Options", "Parallelism", "Tensors"]),

    // Robustness.
    target("Attacks", ["Classification", "Kernels", "Options", "Parallelism", "Tensors"]),
    target("Fairness", ["Tensors"]),
    target(
      "Methods",
      ["Attacks", "Classification", "Fairness", "Networks", "Options", "Parallelism", "Tensors"]),

    // World.
    target("Datasets", ["Digests", "Failures", "Parallelism", "Tensors"]),
    target("Corruptions", ["CPictures", "Datasets", "Digests", "Failures", "Parallelism", "Tensors"]),
    target("Augmentations", ["Datasets", "Failures", "Options", "Tensors"]),
    target("Communication", ["CMPI", "CPlatform", "Failures", "Parallelism", "Platform"]),
    target("Checkpoints", ["Digests", "Failures", "Parallelism", "Platform"]),

    // Runs.
    target("Scaling", ["Failures", "Parallelism"]),
    target(
      "Recipes",
      [
        "Attacks", "Augmentations", "Classification", "Failures", "Fairness", "Kernels", "Methods", "Networks",
        "Options", "Platform", .product(name: "Yams", package: "Yams"),
      ]),
    target(
      "Resources",
      [
        "CPlatform", "Communication", "Datasets", "Failures", "Kernels", "Networks", "Options", "Parallelism",
        "Recipes",
        "Tensors",
      ]),
    target(
      "Reports",
      [
        "Checkpoints", "Corruptions", "Failures", "Fairness", "Options", "Platform", "Recipes", "Scaling",
        .product(name: "Yams", package: "Yams"),
      ]),
    target(
      "Evaluation",
      [
        "Attacks", "Checkpoints", "Classification", "Communication", "Corruptions", "Datasets", "Digests", "Failures",
        "Fairness", "Networks", "Parallelism", "Platform", "Tensors",
      ]),
    target(
      "Training",
      [
        "Attacks", "Augmentations", "CPlatform", "Checkpoints", "Classification", "Communication", "Datasets",
        "Digests", "Evaluation", "Failures", "Fairness", "Methods", "Networks", "Options", "Parallelism", "Platform",
        "Recipes", "Reports", "Resources", "Tensors",
      ]),
    .executableTarget(
      name: "fairtat-dist",
      dependencies: [
        "Attacks", "CPlatform", "Checkpoints", "Classification", "Communication", "Corruptions", "Datasets", "Digests",
        "Evaluation", "Failures", "Fairness", "Kernels", "Methods", "Networks", "Options", "Parallelism", "Platform",
        "Recipes",
        "Reports", "Resources", "Scaling", "Tensors", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftFlags),

    // Tests.
    .target(name: "Launching", path: "Tests/Launching"),
    .target(name: "Oracle", dependencies: ["Tensors"], path: "Tests/Oracle", swiftSettings: kernelFlags),
    .target(
      name: "Parity",
      dependencies: ["Classification", "Kernels", "Networks", "Options", "Oracle", "Parallelism", "Tensors"],
      path: "Tests/Parity", swiftSettings: swiftFlags),
    tests("OracleTests", ["Oracle"]),
    tests("PlatformTests", ["CPlatform", "Failures", "Platform"]),
    tests("CheckpointsTests", ["Checkpoints", "Digests", "Failures"]),
    tests("KernelsTests", ["CPlatform", "Classification", "Kernels", "Oracle", "Parallelism", "Parity", "Tensors"]),
    tests(
      "NetworksTests",
      ["Classification", "Kernels", "Networks", "Options", "Oracle", "Parallelism", "Parity", "Tensors"]),
    tests(
      "AttacksTests",
      ["Attacks", "Classification", "Kernels", "Networks", "Oracle", "Parallelism", "Parity", "Tensors"]),
    tests("TensorsTests", ["Digests", "Parallelism", "Tensors"]),
    tests("AugmentationsTests", ["Augmentations", "Datasets", "Failures", "Tensors"]),
    tests("DatasetsTests", ["Datasets", "Digests", "Failures", "Tensors"]),
    tests("CorruptionsTests", ["Corruptions", "Datasets", "Failures", "Parallelism", "Tensors"]),
    // Ranks as threads, so that tests see every number of them.
    .target(
      name: "LocalRanks", dependencies: ["Communication", "Failures", "Parallelism"], path: "Tests/LocalRanks",
      swiftSettings: swiftFlags),
    .target(
      name: "CommunicationChecks", dependencies: ["Communication", "Digests", "Failures", "Parallelism"],
      path: "Tests/CommunicationChecks", swiftSettings: swiftFlags),
    .executableTarget(
      name: "communication-probe",
      dependencies: ["Communication", "CommunicationChecks", "Failures", "LocalRanks", "Parallelism"],
      path: "Tests/CommunicationProbe", swiftSettings: swiftFlags),
    tests(
      "CommunicationTests",
      ["Communication", "CommunicationChecks", "Failures", "Launching", "LocalRanks", "Parallelism"]),
    tests(
      "MethodsTests",
      [
        "Attacks", "Classification", "Fairness", "Methods", "Networks", "Options", "Oracle", "Parity", "Tensors",
      ]),
    tests("FairnessTests", ["Fairness", "Tensors"]),
    tests("RecipesTests", ["Attacks", "Classification", "Failures", "Methods", "Networks", "Options", "Recipes"]),
    tests(
      "TrainingTests",
      [
        "AllocationCounter", "Attacks", "Augmentations", "Checkpoints", "Classification", "Communication", "Datasets",
        "Evaluation", "Failures",
        "Fairness", "Kernels", "Launching", "LocalRanks", "Methods", "Networks", "Options", "Oracle", "Recipes",
        "Resources", "Rewriting",
        "Tensors", "Training",
      ]),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    tests(
      "ResourcesTests",
      [
        "Communication", "Datasets", "Failures", "Networks", "Options", "Parallelism", "Recipes", "Resources",
        "Tensors",
      ]),
    tests("ScalingTests", ["Failures", "Scaling"]),
    tests("ReportsTests", ["Corruptions", "Failures", "Fairness", "Recipes", "Reports", "Scaling"]),
    // Damaged files: what makes them, what reads them, what starts that.
    .target(name: "Mutation", dependencies: ["Tensors"], path: "Tests/Mutation", swiftSettings: swiftFlags),
    .executableTarget(
      name: "mutation-probe",
      dependencies: [
        "Checkpoints", "Communication", "Corruptions", "Evaluation", "Failures", "Fairness", "Mutation", "Recipes",
        "Reports", "Training",
      ],
      path: "Tests/MutationProbe", swiftSettings: swiftFlags),
    tests("MutationTests", ["Launching", "Mutation"]),
    // Runs the built program.
    .target(name: "Rewriting", dependencies: ["Checkpoints"], path: "Tests/Rewriting", swiftSettings: swiftFlags),
    tests("CommandLineTests", ["Checkpoints", "Launching", "Recipes", "Rewriting"]),
  ]
)

// For launch/fuzz: FAIRTAT_FUZZER is the archive of libFuzzer, for which the readers are built with its counters.
if let fuzzer = Context.environment["FAIRTAT_FUZZER"] {
  let readers = ["Checkpoints", "Datasets", "Options", "Recipes", "Reports"]
  for target in package.targets where readers.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer"])]
  }
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
    .executableTarget(
      name: "fuzz-readers", dependencies: ["CFuzzer", "Checkpoints", "Datasets", "Failures", "Recipes", "Reports"],
      path: "Tests/Fuzzing", exclude: ["CFuzzer", "make_seeds.py", "seeds", "words"], swiftSettings: swiftFlags,
      linkerSettings: [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++")]),
  ]
}
