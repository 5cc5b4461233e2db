import Tensors
import Testing

@Suite struct AmountTests {
  @Test func countsAndStaysAtTheEnd() {
    #expect((Amount(6) * 7 + 1).value == 43)
    #expect((Amount(.max) + 1).value == .max && (Amount(1 << 40) * Amount(1 << 40)).value == .max)
    #expect((Amount(.max) * 0).value == 0 && Amount(3) < 4)
    var sum: Amount = 5
    sum += Amount(.max - 5)
    #expect(sum.value == .max)
  }
}
