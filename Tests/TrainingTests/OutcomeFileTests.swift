import Datasets
import Evaluation
import Failures
import Fairness
import Foundation
import Testing

/// Files of `evaluate --outcomes`, written and read again, and such as nobody writes.
@Suite struct OutcomeFileTests {
  private let files: RunFiles
  private var place: String { files.path + "/outcomes.npy" }

  init() throws { files = try RunFiles() }

  private func read(_ bytes: [UInt8]) throws -> Verdicts {
    try Data(bytes).write(to: URL(fileURLWithPath: place))
    return try Verdicts(outcomes: place)
  }

  @Test func whatIsWrittenIsRead() throws {
    var verdicts = Verdicts(labels: [0, 1, 2, 300, 1], classCount: 301, attacks: ["a", "b"])
    for (example, clean) in [0, 2, 2, 300, 1].enumerated() { verdicts.record(clean: clean, of: example) }
    verdicts.record(5, after: 1, of: 0)
    // An attack may make a wrong image right.
    verdicts.record(1, after: 0, of: 1)
    let found = try read(verdicts.npy)
    #expect(found.clean == verdicts.clean && found.robust == verdicts.robust)
    #expect(found.examples.map(\.brokenBy) == verdicts.examples.map(\.brokenBy))
  }

  @Test(arguments: [
    [Int64.max, 0, 0, 0], [0, Int64.max, 0, 0], [0, 0, Int64.max, 0], [0, 0, 0, Int64.max], [-1, 0, 0, 0],
    [0, 0, 0, Int64.min], [4096, 0, 0, 0], [0, 0, 0, 128],
  ])
  func numbersThatAreNoClasses(row: [Int64]) throws {
    let numbers = row.flatMap { number in withUnsafeBytes(of: number.littleEndian, Array.init) }
    let header = NPYHeader(descr: "<i8", fortranOrder: false, shape: [1, 4])
    #expect(throws: Failure.self) { try read(header.file(of: numbers)) }
  }

  @Test(arguments: [[4], [1, 3], [0, 4], [1, 4, 1]]) func otherShapes(shape: [Int]) throws {
    let header = NPYHeader(descr: "|u1", fortranOrder: false, shape: shape)
    #expect(throws: Failure.self) { try read(header.file(of: [UInt8](repeating: 0, count: shape.reduce(1, *)))) }
  }
}
