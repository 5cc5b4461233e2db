import Corruptions
import Datasets
import Parallelism
import Testing

/// What a corrupted image depends on, and on what it does not.
@Suite struct AddressTests {
  private let images: LabeledImages

  init() throws {
    var request = DatasetRequest(testCount: 24)
    request.part = .test
    images = try DatasetCatalog.load(request).test
  }

  private func rows(
    _ corruption: any Corruption, of images: LabeledImages, severity: Int, seed: UInt64 = 0, threads: Int,
    _ range: Range<Int>
  ) throws -> [UInt8] {
    let pool = ThreadPool(threadCount: threads)
    defer { pool.stop() }
    return try CorruptionMaker(images, seed: seed, pool: pool).rows(corruption, severity: severity, range)
  }

  @Test(arguments: CorruptionCatalog.names) func imageAloneDecides(name: String) throws {
    let corruption = try #require(CorruptionCatalog.corruptions.first { $0.name == name })
    let size = images.imageSize
    let whole = try rows(corruption, of: images, severity: 3, threads: 1, 0..<24)
    #expect(try rows(corruption, of: images, severity: 3, threads: 3, 0..<24) == whole)
    #expect(
      try rows(corruption, of: images.prefix(8), severity: 3, threads: 2, 5..<8) == Array(whole[5 * size..<8 * size]))
    #expect(try rows(corruption, of: images, severity: 4, threads: 2, 0..<24) != whole)
    #expect(whole != images.pixels)
  }

  /// Those that draw depend on the seed, the others do not.
  @Test(arguments: CorruptionCatalog.names) func seeds(name: String) throws {
    let corruption = try #require(CorruptionCatalog.corruptions.first { $0.name == name })
    let plain: Set = [
      "defocus_blur", "gaussian_blur", "zoom_blur", "brightness", "contrast", "saturate", "pixelate",
      "jpeg_compression",
    ]
    let first = try rows(corruption, of: images, severity: 2, seed: 0, threads: 2, 0..<8)
    let second = try rows(corruption, of: images, severity: 2, seed: 1, threads: 2, 0..<8)
    #expect((first == second) == plain.contains(name))
  }

  @Test func namesAndNumbersAreUnique() {
    let all = CorruptionCatalog.corruptions
    #expect(all.count == 19)
    #expect(Set(all.map(\.name)).count == 19)
    #expect(Set(all.map(\.number)) == Set(1...19))
    #expect(all.count { CorruptionCatalog.isInMean($0.name) } == 18)
  }
}
