import Datasets
import Testing

@Suite struct SyntheticTests {
  private func make(seed: UInt64 = 0, train: Int = 200, test: Int = 50, size: Int = 32) throws -> Dataset {
    try DatasetCatalog.load(DatasetRequest(size: size, trainCount: train, testCount: test, seed: seed))
  }

  @Test func sameSeedSameImages() throws {
    let data = try make()
    #expect(try make().digest == data.digest)
    #expect(try make(seed: 1).digest != data.digest)
    // An image does not depend on how many there are.
    #expect(try make(train: 70, test: 20).train == data.train.prefix(70))
    #expect(data.train.prefix(50) != data.test)
    var limited = DatasetRequest(trainCount: 200, testCount: 50)
    limited.limitTrain = 30
    limited.limitTest = 10
    #expect(try DatasetCatalog.load(limited).train == data.train.prefix(30))
    #expect(try DatasetCatalog.load(limited).test == data.test.prefix(10))
  }

  @Test func defaults() throws {
    let data = try DatasetCatalog.load(DatasetRequest())
    #expect((data.train.count, data.test.count, data.height, data.width) == (4096, 1024, 32, 32))
    #expect(data.classNames.count == 10 && Set(data.classNames).count == 10 && data.classNames[1] == "ring")
    #expect(data.notes.isEmpty)
    let counts = data.train.classCounts(classes: 10)
    #expect(counts.max()! - counts.min()! <= 1)
    #expect(data.split(validation: 0.02).validation.count == 10 * 8)
    // No two images are equal, no image is flat.
    var seen: Set<[UInt8]> = []
    for i in 0..<data.train.count {
      let image = Array(data.train.pixels[i * 3072..<(i + 1) * 3072])
      #expect(seen.insert(image).inserted)
      #expect(Set(image).count > 30)
    }
  }

  /// With hues of 0.04 less and more, red turns towards magenta and towards yellow: of a disc's pixel G = v(1 - s) and
  /// B = v(1 - 0.76 s), of a ring's the other way round. Shapes without a twin stay as they are, bit for bit.
  @Test func aGapOfHuesPartsLookAlikes() throws {
    func load(_ gap: Double) throws -> Dataset {
      try DatasetCatalog.load(DatasetRequest(size: 16, trainCount: 2000, testCount: 10, hueGap: gap))
    }
    let (without, with) = (try load(0), try load(0.08))
    #expect(try DatasetCatalog.load(DatasetRequest(size: 16, trainCount: 2000, testCount: 10)).digest == without.digest)
    func pixels(_ data: Dataset, _ i: Int) -> ArraySlice<UInt8> { data.train.pixels[i * 768..<(i + 1) * 768] }
    for i in 0..<100 {
      let name = with.classNames[Int(with.train.labels[i])]
      let isAlone = ["triangle", "stripes", "bars", "checkers"].contains(name)
      #expect((pixels(with, i) == pixels(without, i)) == isAlone, "\(name)")
    }
    /// Green less blue, over all pixels of a class.
    func green(_ data: Dataset, _ name: String) -> Double {
      let own = (0..<2000).filter { data.classNames[Int(data.train.labels[$0])] == name }
      let sums = own.map { i in
        stride(from: i * 768, to: (i + 1) * 768, by: 3).reduce(0) {
          $0 + Int(data.train.pixels[$1 + 1]) - Int(data.train.pixels[$1 + 2])
        }
      }
      return Double(sums.reduce(0, +)) / Double(256 * own.count)
    }
    #expect(green(with, "ring") > 3 && green(with, "disc") < -3)
    #expect(abs(green(without, "ring")) < 2 && abs(green(without, "disc")) < 2)
  }

  @Test(arguments: [16, 24, 64]) func sizes(size: Int) throws {
    let data = try make(train: 20, test: 10, size: size)
    #expect((data.height, data.width) == (size, size))
    #expect(data.train.pixels.count == 20 * size * size * 3)
  }

  /// The average colour tells the colour groups apart by much more than an attack of 8/255 can move it, and nothing in
  /// the average colour tells a disc from a ring or a stray pixel from another.
  @Test func coloursAreRobustCues() throws {
    let data = try make(train: 1000)
    var means = [SIMD3<Double>](repeating: .zero, count: 10)
    for i in 0..<1000 {
      for p in stride(from: i * 3072, to: (i + 1) * 3072, by: 3) {
        let pixel = SIMD3(
          Double(data.train.pixels[p]), Double(data.train.pixels[p + 1]), Double(data.train.pixels[p + 2]))
        means[Int(data.train.labels[i])] += (pixel - pixel.sum() / 3) / (100 * 1024)
      }
    }
    func distance(_ a: String, _ b: String) -> Double {
      let d = means[data.classNames.firstIndex(of: a)!] - means[data.classNames.firstIndex(of: b)!]
      return (d * d).sum().squareRoot()
    }
    #expect(
      distance("disc", "plus") > 16 && distance("square", "stripes") > 16 && distance("triangle", "checkers") > 16)
    #expect(distance("disc", "ring") < distance("disc", "plus") / 2)
    #expect(distance("square", "diamond") < 8 && distance("plus", "saltire") < 8)
  }
}
