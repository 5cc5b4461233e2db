// The file of `evaluate --outcomes`: uint16 (N, 4), of each image its label, what is predicted of it as it is and after all attacks, and
// the attack that broke it (from 1; 0: none).

import Datasets
import Failures
import Fairness

extension Verdicts {
  private static let mostClasses: Int64 = 4096, mostAttacks: Int64 = 127

  /// Reads a file of outcomes; how many classes and attacks there are is what the largest numbers say.
  ///
  /// - Throws: `Failure(.badData)` for anything else.
  package init(outcomes path: String) throws {
    let file = try NPYFile(path)
    guard file.shape.count == 2, file.shape[1] == 4, file.shape[0] > 0 else {
      throw Failure(.badData, "\(path) has the shape \(file.shape): outcomes are (N, 4), see evaluate --outcomes")
    }
    let numbers = try file.integers()
    let rows = stride(from: 0, to: numbers.count, by: 4).map { Array(numbers[$0..<$0 + 4]) }
    func isPossible(_ row: [Int64]) -> Bool {
      row[..<3].allSatisfy { 0..<Self.mostClasses ~= $0 } && 0...Self.mostAttacks ~= row[3]
    }
    guard rows.allSatisfy(isPossible) else {
      throw Failure(.badData, "\(path) holds numbers that are no classes: outcomes are written by evaluate --outcomes")
    }
    let classes = rows.reduce(0) { max($0, $1[0], $1[1], $1[2]) } + 1
    let attacks = rows.reduce(0) { max($0, $1[3]) }
    self.init(
      labels: rows.map { Int($0[0]) }, classCount: Int(classes), attacks: (0..<attacks).map { "attack \($0 + 1)" })
    for (example, row) in rows.enumerated() {
      record(clean: Int(row[1]), of: example)
      if row[3] > 0 || row[2] != row[1] { record(Int(row[2]), after: max(0, Int(row[3]) - 1), of: example) }
    }
  }

  /// All of them as a file.
  package var npy: [UInt8] {
    let numbers = examples.flatMap { verdict in
      [verdict.label, verdict.clean, verdict.attacked, UInt16(verdict.brokenBy)].flatMap {
        [UInt8($0 & 255), UInt8($0 >> 8)]
      }
    }
    return NPYHeader(descr: "<u2", fortranOrder: false, shape: [examples.count, 4]).file(of: numbers)
  }
}
