import Foundation
import Tensors
import Testing

/// The exponential function against the C library's.
@Suite struct ExponentialTests {
  @Test func againstTheLibrary() {
    let stream = RandomStream(seed: 3, purpose: .test)
    var worst = 0.0
    for i in 0..<20_000 {
      let x = -Double(stream.uniform(at: 2 * i)) * (i % 2 == 0 ? 2 : 700)
      worst = max(worst, abs(Exponential.value(x) - exp(x)) / exp(x).ulp)
    }
    #expect(worst <= 2)
    #expect(Exponential.value(0) == 1)
    #expect(Exponential.value(-1e6) == 0)
  }
}
