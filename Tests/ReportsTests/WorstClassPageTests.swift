// The page of a run points out the classes that the terminal does.

import Fairness
import Foundation
import Reports
import Testing

@Suite struct WorstClassPageTests {
  /// A matrix with these hits of eight examples a class, or none at all; errors go to the next class.
  private func matrix(_ hits: [Int?]) -> ConfusionMatrix {
    let count = hits.count
    var flat = [Int64](repeating: 0, count: count * count)
    for (k, hits) in hits.enumerated() {
      guard let hits else { continue }
      flat[k * count + k] = Int64(hits)
      flat[k * count + (k + 1) % count] = Int64(8 - hits)
    }
    return ConfusionMatrix(classCount: count, flat: flat)
  }

  private func names(_ count: Int) -> [String] { (0..<count).map { "class \($0)" } }

  private func run(clean: [Int?], robust: [Int?]) throws -> RunRecord {
    let result = EvaluationResult(clean: matrix(clean), robust: matrix(robust))
    let json = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
    let counts = [Int](repeating: 1, count: clean.count)
    return RunRecord(
      path: "run",
      metrics: """
        {"kind":"epoch","epoch":0,"step":1,"train":{"class_count":\(counts),"class_correct":\(counts)},"test":{"raw":\(json)}}
        """)
  }

  /// The names of the rows that are marked on the page, and of those in the terminal's table.
  private func marked(clean: [Int?], robust: [Int?]) throws -> (page: [String], terminal: [String]) {
    let page = try #require(WellFormed(RunPage(run(clean: clean, robust: robust)).html))
    var rows: [[String]] = []
    var isMarked: [Bool] = []
    for element in page.elements {
      if element.name == "tr" {
        rows.append([])
        isMarked.append(element.attributes["class"] == "worst")
      }
      if element.name == "td" { rows[rows.count - 1].append(element.text) }
    }
    let table = ClassTable(names: names(clean.count), clean: matrix(clean), robust: matrix(robust))
    return (zip(rows, isMarked).filter(\.1).map { $0.0[1] }, table.rows.filter(\.isWorst).map(\.name))
  }

  /// Forty classes fail altogether; the twenty of them that are the worst on clean images make up the worst tenth.
  @Test func twoHundredClasses() throws {
    let robust = (0..<200).map { $0 % 5 == 0 ? 0 : 3 }
    let clean = (0..<200).map { $0 % 10 == 0 ? 4 : 7 }
    let expected = stride(from: 0, to: 200, by: 10).map { "class \($0)" }
    let (page, terminal) = try marked(clean: clean, robust: robust)
    #expect(page == expected && terminal == expected)
    let summary = RunPage(try run(clean: clean, robust: robust)).html
    #expect(summary.contains("the mean of the worst tenth of the classes, which are 20"))
  }

  /// Twenty classes: more than the charts draw as lines, but their worst is one.
  @Test func twentyClasses() throws {
    let robust = (0..<20).map { $0 == 13 || $0 == 4 ? 1 : 5 }
    let clean = (0..<20).map { $0 == 13 ? 6 : 8 }
    let (page, terminal) = try marked(clean: clean, robust: robust)
    #expect(page == ["class 13"] && terminal == ["class 13"])
    #expect(RunPage(try run(clean: clean, robust: robust)).html.contains("class 13, the worst class"))
  }

  /// 300 declared, ten with examples: their worst is one, and those without stand last.
  @Test func declaredClasses() throws {
    let hits = (0..<300).map { $0 % 30 == 7 ? 2 + $0 / 30 % 5 : nil }
    let (page, terminal) = try marked(clean: hits, robust: hits)
    #expect(page == ["class 7"] && terminal == ["class 7"])
    let record = try run(clean: hits, robust: hits)
    #expect(record.rankedClasses == [7, 157, 37, 187, 67, 217, 97, 247, 127, 277] && record.worstClasses == [7])
    #expect(!RunPage(record).html.contains("worst tenth"))
  }
}
