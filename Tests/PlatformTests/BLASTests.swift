import CPlatform
import Foundation
import Testing

/// OpenBLAS loads once a process, so each core has a process of its own.
@Suite struct BLASTests {
  @Test func coresAreOrdered() {
    let best = platform_blas_capability()
    #expect(platform_blas_core_name(best) != nil)
    #expect(platform_blas_core_name(0).map { String(cString: $0) } == "Prescott")
    #expect(platform_blas_core_name(-1) == nil && platform_blas_core_name(99) == nil)
  }

  @Test(arguments: 0...platform_blas_capability())
  func everyCoreUpToThisCPUsOwnIsWhatIsLoaded(capability: Int32) async {
    await #expect(processExitsWith: .success) { [capability = capability as Int32] in
      setenv("OPENBLAS_CORETYPE", "Nehalem", 1)  // an environment's opinion must not count
      setenv("OPENBLAS_NUM_THREADS", "2", 1)
      guard let name = platform_blas_core_name(capability) else { exit(1) }
      if let error = platform_blas_load(name) {
        FileHandle.standardError.write(Data((String(cString: error) + "\n").utf8))
        exit(2)
      }
      guard String(cString: platform_blas_core()).lowercased() == String(cString: name).lowercased() else { exit(3) }
      guard String(cString: platform_blas_config()).contains("OpenBLAS") else { exit(4) }
      guard platform_blas_load(name) == nil, platform_blas_load("Sandybridge") != nil else { exit(5) }
      for transposeA in [false, true] {
        for transposeB in [false, true] {
          guard sgemmIsRight(transposeA, transposeB) else { exit(6) }
        }
      }
    }
  }

  @Test func absenceIsAnErrorInOneLine() async {
    await #expect(processExitsWith: .success) {
      // No file can be opened any more, hence none is found.
      var none = rlimit(rlim_cur: 0, rlim_max: 0)
      guard setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &none) == 0 else { exit(1) }
      guard let error = platform_blas_load("Haswell") else { exit(2) }
      let line = String(cString: error)
      guard line.contains("libopenblas0"), !line.contains("\n"), String(cString: platform_blas_core()).isEmpty else {
        exit(3)
      }
    }
  }
}

/// Compares `platform_sgemm` with a plain loop in Double, on a part of larger matrices with numbers that need rounding.
private func sgemmIsRight(_ transposeA: Bool, _ transposeB: Bool) -> Bool {
  let (m, n, k) = (13, 37, 29)
  let (lda, ldb, ldc) = (41, 43, 47)
  func value(_ i: Int) -> Float { Float((i &* 7919) % 1000) / 1000 - 0.5 }
  let a = (0..<lda * 41).map { value($0) }
  let b = (0..<ldb * 43).map { value($0 + 5) }
  let before = (0..<ldc * m).map { value($0 + 11) }
  var c = before
  platform_sgemm(
    transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(m), Int32(n), Int32(k), 0.75, a, Int32(lda), b, Int32(ldb), 2, &c,
    Int32(ldc))
  for i in 0..<m {
    for j in 0..<ldc {
      guard j < n else {
        guard c[i * ldc + j] == before[i * ldc + j] else { return false }
        continue
      }
      var sum = 0.0
      for p in 0..<k {
        sum +=
          Double(transposeA ? a[p * lda + i] : a[i * lda + p]) * Double(transposeB ? b[j * ldb + p] : b[p * ldb + j])
      }
      let right = 0.75 * sum + 2 * Double(before[i * ldc + j])
      // Each of k products is at most 1/4 and rounded at most twice.
      guard abs(Double(c[i * ldc + j]) - right) <= Double(k + 2) * Double(k + 2) * 0.25 * 0x1p-23 else { return false }
    }
  }
  return true
}
