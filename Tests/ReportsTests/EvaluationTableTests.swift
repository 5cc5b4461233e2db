import Corruptions
import Failures
import Fairness
import Foundation
import Recipes
import Reports
import Testing

/// The paper's tables of evaluations from made-up files, the numbers worked out by hand.
@Suite struct EvaluationTableTests {
  /// Ten images of two classes, five each: `clean` and `robust` of each class are right.
  static func evaluation(
    _ row: String, seed: String = "0", weights: String = "raw", clean: [Int] = [5, 4], robust: [Int] = [2, 1],
    attack: String = "AutoAttack", change: (inout AttackEvaluation) -> Void = { _ in }
  ) -> AttackEvaluation {
    var verdicts = Verdicts(labels: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], classCount: 2, attacks: ["a"])
    for example in 0..<10 {
      let (label, place) = (example / 5, example % 5)
      verdicts.record(clean: place < clean[label] ? label : 1 - label, of: example)
      verdicts.record(place < robust[label] ? label : 1 - label, after: 0, of: example)
    }
    var evaluation = AttackEvaluation(attack: attack, verdicts, seconds: [1], warnings: [])
    evaluation.epsilon = 8.0 / 255
    var subject = EvaluationSubject(weights: weights, data: "cifar10", digest: "d", program: "p")
    subject.recipe = "table1-cifar10-small-\(row)"
    subject.seed = seed
    subject.changed = []
    subject.definition = RowDefinition(ofRow: "table1-cifar10-small-\(row)")?.lines
    subject.moment = .last
    subject.step = 750
    evaluation.subject = subject
    change(&evaluation)
    return evaluation
  }

  static func file(_ evaluation: AttackEvaluation) throws -> EvaluationFile {
    try EvaluationFile(json: Array(try JSONEncoder().encode([evaluation])))
  }

  private static func tables(_ evaluations: [AttackEvaluation]) throws -> (tables: [EvaluationTable], remarks: [Remark])
  {
    try EvaluationTable.tables(.table2, of: evaluations.enumerated().map { ("f\($0)", try file($1)) })
  }

  @Test func seedsArePooledAndTheBestStandsOut() throws {
    let (tables, remarks) = try Self.tables([
      Self.evaluation("at", seed: "0", robust: [2, 1]), Self.evaluation("at", seed: "1", robust: [3, 2]),
      Self.evaluation("fairtat", robust: [1, 1]) { $0.intervals = Bootstrap.intervals(Self.half) },
    ])
    #expect(remarks.isEmpty)
    let markdown = try #require(tables.first).table.markdown
    // AT: 3 and 5 of 10 are 40 ± 14.14 %, the worst class 1 and 2 of 5: 30 ± 14.14 %. FAIR-TAT: 2 of 10, 1 of 5.
    let lines = markdown.split(separator: "\n")
    let at = try #require(lines.first { $0.hasPrefix("| AT ") })
    #expect(at.contains("**40.00** ± 14.14") && at.contains("**30.00** ± 14.14") && at.contains(" 2 |"))
    let fair = try #require(lines.first { $0.hasPrefix("| FAIR-TAT ") })
    #expect(fair.contains("<ins>20.00</ins> ("))
    #expect(markdown.contains("10 test images") && markdown.contains("last"))
    #expect(
      EvaluationTable.csvHead.split(separator: ",").count
        == tables[0].csv.split(separator: "\n")[0].split(
          separator: ",", omittingEmptySubsequences: false
        ).count)
  }

  /// Forty of eighty images.
  static let half: Verdicts = {
    var verdicts = Verdicts(labels: [Int](repeating: 0, count: 80), classCount: 2, attacks: ["a"])
    for example in 0..<80 {
      verdicts.record(clean: 0, of: example)
      verdicts.record(example % 2, after: 0, of: example)
    }
    return verdicts
  }()

  @Test func weightsAndCheckpointsAreLinesOfTheirOwn() throws {
    let (tables, _) = try Self.tables([
      Self.evaluation("at", weights: "ema"), Self.evaluation("at"),
      Self.evaluation("at") { $0.subject?.moment = .best },
    ])
    let lines = tables[0].csv.split(separator: "\n").map { CSV.fields(String($0)) }
    #expect(lines.map { [$0[5], $0[7]] } == [["raw", "last"], ["raw", "best"], ["ema", "last"]])
  }

  @Test(arguments: [
    ("another attack", "its attack is Square-5000"), ("another radius", "its epsilon is 0.0157"),
    ("twice", "judges the same"),
  ])
  func whatDoesNotBelongIsLeftOut(what: String, remark: String) throws {
    let second = Self.evaluation(
      what == "twice" ? "at" : "fairtat", attack: what == "another attack" ? "Square-5000" : "AutoAttack"
    ) {
      if what == "another radius" { $0.epsilon = 4.0 / 255 }
    }
    let (tables, remarks) = try Self.tables([Self.evaluation("at"), second])
    #expect(remarks.count == 1 && remarks[0].text.contains(remark))
    #expect(tables[0].csv.split(separator: "\n").count == 1)
  }

  @Test func otherImagesAreWarnedOf() throws {
    let (_, remarks) = try Self.tables([
      Self.evaluation("at"), Self.evaluation("fairtat") { $0.subject?.digest = "other" },
    ])
    #expect(remarks.count == 1 && remarks[0].isWarning)
  }

  @Test(arguments: ["changed", "other", "row", "none"])
  func filesThatAreNoRowAreRefused(what: String) throws {
    let evaluation = Self.evaluation(what == "row" ? "no-such-row" : "at") {
      switch what {
      case "changed": $0.subject?.changed = ["training.epochs 3"]
      case "other": $0.subject?.moment = .other
      case "none": $0.subject = nil
      default: break
      }
    }
    #expect(throws: (any Error).self) { try Self.file(evaluation) }
  }

  /// Counts that cannot be are refused, and nothing is added up that no integer holds.
  @Test(arguments: [
    ("confusion", "[[9223372036854775807,9223372036854775807],[1,1]]"), ("confusion", "[[-1,6],[3,2]]"),
    ("confusion", "[[0,0],[0,0]]"), ("clean_confusion", "[[0,0],[0,0]]"), ("confusion", "[[4,2],[3,2]]"),
    ("confusion", "[[9007199254740992,1],[0,0]]"), ("confusion", "[]"), ("confusion", "[[5,0]]"),
  ])
  func countsThatCannotBe(key: String, value: String) throws {
    var object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(Self.evaluation("at"))) as? [String: Any])
    object[key] = try JSONSerialization.jsonObject(with: Data(value.utf8))
    let json = try JSONSerialization.data(withJSONObject: [object])
    let failure = #expect(throws: Failure.self) { try EvaluationFile(json: Array(json)) }
    #expect(failure?.message.hasPrefix("no file of evaluate --json: ") == true)
  }

  @Test func theSameWeightsAreDrawnOnce() throws {
    let twice = try [("a", Self.file(Self.evaluation("at"))), ("b", Self.file(Self.evaluation("at", robust: [1, 1])))]
    let (figures, remarks) = CFPFigure.figures(of: twice)
    #expect(figures[0].csv.split(separator: "\n").allSatisfy { CSV.fields(String($0))[3] == "0" })
    #expect(remarks.map(\.text) == ["b judges the same weights as a, with other numbers: only that is counted"])
    var verdicts = Verdicts(labels: [0, 1, 2], classCount: 3, attacks: ["a"])
    for example in 0..<3 { verdicts.record(clean: 0, of: example) }
    var three = AttackEvaluation(attack: "AutoAttack", verdicts, seconds: [1], warnings: [])
    (three.epsilon, three.subject) = (8.0 / 255, Self.evaluation("fairtat").subject)
    let mixed = CFPFigure.figures(of: [twice[0], ("c", try Self.file(three))])
    #expect(mixed.remarks.map(\.text) == ["c is left out: it has 3 classes, a has 2"] && mixed.figures.count == 1)
  }

  /// Class 1 is taken for class 0 four times, class 0 for class 1 three times: the shares are 4/7 and 3/7.
  @Test func falsePositivesAreShared() throws {
    let (figures, remarks) = CFPFigure.figures(of: [
      ("a", try Self.file(Self.evaluation("at"))), ("b", try Self.file(Self.evaluation("fairtat", attack: "PGD-10"))),
    ])
    #expect(remarks.count == 1 && remarks[0].text.contains("its attack is another one"))
    let table = try #require(figures.first).table.markdown
    #expect(table.contains("57.14") && table.contains("42.86"))
    let svg = try #require(WellFormed(figures[0].svg))
    #expect(svg.all("rect").count == 2)
    #expect(WellFormed(CFPFigure.page(figures)) != nil)
  }

  // MARK: Table 4

  /// All 18 corruptions and glass blur, by severities and counts of two classes, with a mean that is not theirs.
  private static func corruptions(
    correct: [Int], count: [Int] = [4, 6], glass: [Int] = [4, 6], severities: [Int] = [1, 2, 3, 4, 5]
  )
    throws -> EvaluationFile
  {
    let rows = CorruptionCatalog.names.map { name in
      let right = CorruptionCatalog.isInMean(name) ? correct : glass
      let parts = severities.map {
        "{\"severity\":\($0),\"count\":10,\"accuracy\":1,\"class_count\":\(count),\"class_correct\":\(right)}"
      }
      return "{\"name\":\"\(name)\",\"accuracy\":1,\"worst\":1,\"severities\":[\(parts.joined(separator: ","))]}"
    }
    let subject = String(decoding: try JSONEncoder().encode(evaluation("at").subject), as: UTF8.self)
    return try EvaluationFile(
      json: Array(
        "{\"corruptions\":[\(rows.joined(separator: ","))],\"mean_of\":18,\"mean_accuracy\":1,\"mean_worst\":1,\"model\":\(subject)}"
          .utf8))
  }

  /// 1 of 4 and 5 of 6 are right: 60 %, the worst class 25 %. Glass blur, where all are, is not in the mean.
  @Test func meansAreThoseOfTheCounts() throws {
    let (tables, remarks) = EvaluationTable.tables(.table4, of: [("f", try Self.corruptions(correct: [1, 5]))])
    #expect(remarks.isEmpty)
    let line = try #require(tables.first?.table.markdown.split(separator: "\n").first { $0.hasPrefix("| AT ") })
    #expect(line.contains("60.00") && line.contains("25.00") && !line.contains("100.00"))
  }

  @Test(arguments: [
    ([5, 5], [4, 6], [1, 2, 3, 4, 5]), ([-1, 5], [4, 6], [1, 2, 3, 4, 5]), ([1, 5], [4, 5], [1, 2, 3, 4, 5]),
    ([1], [4, 6], [1, 2, 3, 4, 5]), ([1, 5], [4, 6], [1, 1, 3, 4, 5]), ([1, 5], [4, 6], []), ([1, 5], [4, 6], [0]),
  ])
  func countsThatCannotBeAreRefused(correct: [Int], count: [Int], severities: [Int]) {
    #expect(throws: Failure.self) { try Self.corruptions(correct: correct, count: count, severities: severities) }
  }
}
