// What the numbers are made with: instruction set, matrix unit, rounding, OpenBLAS.

import CPlatform

extension Diagnosis {
  /// Instruction sets, matrix unit, rounding and OpenBLAS.
  func arithmeticFindings() -> [Finding] {
    [build, matrixUnit, rounding, blas, blasVariable]
  }

  private var build: Finding {
    let builds = Set(ranks.map(\.build))
    if builds.count > 1 {
      return Finding(
        "build", .list(ranks.map { "rank \($0.rank): \($0.build)" }), .warning,
        "the ranks run different programs and will compute different bits: start the same program everywhere")
    }
    let present = Self.level(ranks.map(\.capability).min() ?? 0)
    let built = String(cString: platform_built_level())
    let text = "\(ranks[0].build); the CPUs have \(Self.levels[present])"
    guard present > Self.levels.firstIndex(of: built) ?? 0 else { return Finding("build", text) }
    return Finding(
      "build", text, .note, "the CPUs could do more: build again here, or with FAIRTAT_MARCH=\(Self.marches[present])")
  }

  private var matrixUnit: Finding {
    let lacking = ranks.filter { !$0.hasMatrixUnit }
    if lacking.count == ranks.count {
      return Finding("matrix-unit", "none: attack.precision: bfloat16 wants engine.bfloat16: emulated")
    }
    guard let first = lacking.first else {
      return Finding("matrix-unit", "AMX: attack.precision can be bfloat16")
    }
    return Finding(
      "matrix-unit", "AMX, but not on the CPU of rank \(first.rank)", .note,
      "attack.precision: bfloat16 is refused where a rank has none: leave such hosts out for it")
  }

  private static let levels = ["BASELINE", "AVX2", "AVX512"]
  private static let marches = ["x86-64", "x86-64-v3", "x86-64-v4"]

  /// OpenBLAS's cores by their instructions: a place in `levels`.
  private static func level(_ capability: Int) -> Int {
    switch platform_blas_core_name(Int32(capability)).map({ String(cString: $0) }) {
    case "SkylakeX": 2
    case "Haswell", "Zen": 1
    default: 0
    }
  }

  private var rounding: Finding {
    let wrong = ranks.filter { !$0.roundsAsIEEE754 }.map { "rank \($0.rank)" }
    guard !wrong.isEmpty else { return Finding("rounding", "to nearest, denormals kept") }
    return Finding(
      "rounding", "other on \(wrong.joined(separator: ", "))", .warning,
      "something in the process flushes denormals or rounds otherwise, and bits will differ: look for preloaded libraries"
    )
  }

  private var blas: Finding {
    guard blasConfiguration.isEmpty || blasFailure != nil else {
      return Finding(
        "openblas", "\(blasConfiguration.split(separator: " ").prefix(2).joined(separator: " ")), \(blasCore)")
    }
    let advice = blasFailure ?? "it was not loaded"
    return blasConfiguration.isEmpty
      ? Finding("openblas", "none", .note, "\(advice); only engine.gemm: openblas needs it")
      : Finding("openblas", blasConfiguration, .warning, advice)
  }

  private var blasVariable: Finding {
    let set = Set(ranks.map { $0.blasCoreVariable ?? "unset" })
    let text = set.sorted().joined(separator: ", ")
    let others = set.subtracting(["unset", blasCore])
    guard !others.isEmpty else { return Finding("openblas-coretype", text) }
    return Finding(
      "openblas-coretype", text, .note,
      "the environment asks for other kernels than \(blasCore), the best that all ranks can run; the program loads "
        + "\(blasCore) all the same")
  }
}
