import Options
import Recipes
import Testing

@Suite struct RealTests {
  @Test(arguments: [
    ("8/255", 8.0 / 255.0), ("5e-4", 0.0005), ("0.1", 0.1), ("1", 1), ("-2.5", -2.5), ("1E2/4", 25), ("+3", 3),
    (".5", 0.5),
  ])
  func reads(text: String, value: Double) throws {
    let real = try #require(Real(text))
    #expect(real.value == value)
    #expect(real.float == Float(value))
    #expect(real.description == text)
  }

  @Test func singlePrecisionRoundsTheQuotientOnce() {
    // 8/255 = 0x1.010101010101...p-5; 24 bits: 0x1.010102p-5 after rounding.
    #expect(Real("8/255").float == 0x1.010102p-5)
    #expect(Real("8/255").float == Float(8.0 / 255.0))
  }

  @Test(arguments: ["", "x", "nan", "inf", "0x1p3", "1/0", "1/2/3", "/2", "2/", "1e999", "--1", "e", "8/", "1,5"])
  func refuses(text: String) { #expect(Real(text) == nil) }

  @Test func spacesGo() { #expect(Real(" 8 / 255 ").description == "8/255") }

  @Test func spellingsOfOneNumberAreEqual() {
    #expect(Real("4/8") == Real("0.5"))
    #expect(Real(3.0).description == "3")
    #expect(Real(0.1).description == "0.1")
  }
}

@Suite struct MomentTests {
  @Test(arguments: [
    (Moment("3/4"), 10, 8), (Moment("1/2"), 10, 5), (Moment("0.1"), 30, 3), (Moment("1/3"), 9, 3), (Moment("7"), 10, 7),
    (Moment("0"), 4, 0), (Moment("1/4"), 200, 50), (Moment("2/3"), 100, 67), (Moment("1/2"), 3, 2),
  ])
  func firstEpoch(moment: Moment?, epochs: Int, first: Int) throws {
    let moment = try #require(moment)
    #expect((0...epochs).first { moment.isReached(epoch: $0, of: epochs) } == first)
  }

  @Test(arguments: ["-1", "3/2", "1.5", "x", "", "-1/2"])
  func refuses(text: String) { #expect(Moment(text) == nil) }
}
