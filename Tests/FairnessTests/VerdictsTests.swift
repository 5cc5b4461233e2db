import Fairness
import Testing

/// Verdicts of six examples of three classes, and what follows from them, worked out by hand.
@Suite struct VerdictsTests {
  private static let verdicts: Verdicts = {
    var verdicts = Verdicts(labels: [0, 0, 1, 1, 2, 2], classCount: 3, attacks: ["first", "second"])
    // 0: right, broken by the first. 1: right, withstands both. 2: wrong as it is. 3: right, broken by the second. 4, 5: right.
    for (example, prediction) in [0, 0, 2, 1, 2, 2].enumerated() { verdicts.record(clean: prediction, of: example) }
    for (example, prediction) in [(0, 1), (1, 0), (3, 1), (4, 2), (5, 2)] {
      verdicts.record(prediction, after: 0, of: example)
    }
    for (example, prediction) in [(1, 0), (3, 2), (4, 2), (5, 2)] {
      verdicts.record(prediction, after: 1, of: example)
    }
    return verdicts
  }()

  @Test func matrices() {
    #expect(Self.verdicts.clean.rows == [[2, 0, 0], [0, 1, 1], [0, 0, 2]])
    #expect(Self.verdicts.robust.rows == [[1, 1, 0], [0, 0, 2], [0, 0, 2]])
  }

  @Test func whatEachAttackLeaves() {
    #expect(Self.verdicts.robustByClass(after: 0) == [1, 1, 2])
    #expect(Self.verdicts.robustByClass(after: 1) == [1, 0, 2])
    #expect(Self.verdicts.examples.map(\.brokenBy) == [1, 0, 0, 2, 0, 0])
    #expect(Self.verdicts.examples.map(\.isRobust) == [false, true, false, false, true, true])
  }

  /// An evaluation by PGD attacks images that are misclassified as they are, too.
  @Test func anAttackMayMakeAnImageRight() {
    var verdicts = Verdicts(labels: [0, 1], classCount: 2, attacks: ["pgd"])
    for example in 0..<2 { verdicts.record(clean: 1 - example, of: example) }
    verdicts.record(0, after: 0, of: 0)
    verdicts.record(1, after: 0, of: 1)
    #expect(verdicts.clean.correct == [0, 0] && verdicts.robust.correct == [1, 1])
    #expect(verdicts.robustByClass(after: 0) == [1, 1])
  }

  /// Two of a thousand are 0.2 points, three are more; an attack that stands alone has none before it, and what one
  /// after it would have broken is not known.
  @Test(arguments: [(2, nil), (3, EvaluationWarning.Kind.blackBox)] as [(Int, EvaluationWarning.Kind?)])
  func aBlackBoxThatBreaksMore(broken: Int, kind: EvaluationWarning.Kind?) {
    for attacks in [["apgd-ce", "square"], ["square"], ["apgd-ce", "square", "fab-t"]] {
      var verdicts = Verdicts(labels: [Int](repeating: 0, count: 1000), classCount: 2, attacks: attacks)
      for example in 0..<1000 {
        for attack in attacks.indices where verdicts.examples[example].isRobust || attack == 0 {
          verdicts.record(attacks[attack] == "square" && example < broken ? 1 : 0, after: attack, of: example)
        }
      }
      let warning = EvaluationWarning.blackBox(verdicts, ["square"])
      #expect(warning?.kind == (attacks.count == 2 ? kind : nil))
      #expect(EvaluationWarning.blackBox(verdicts, []) == nil)
    }
  }

  /// Won and lost images are a coin's sides: of 100, 66 against 34 are three deviations and more (32 > 30), 64 against 36 are not.
  @Test(arguments: [(66, 34, true), (64, 36, false), (34, 66, false), (0, 0, false)])
  func anAttackThatHelps(won: Int, lost: Int, warns: Bool) {
    var verdicts = Verdicts(labels: [Int](repeating: 0, count: 200), classCount: 2, attacks: ["pgd"])
    for example in 0..<200 {
      verdicts.record(clean: example < won ? 1 : 0, of: example)
      verdicts.record(example >= won && example < won + lost ? 1 : 0, after: 0, of: example)
    }
    #expect((EvaluationWarning.robustAboveClean(verdicts) != nil) == warns)
  }
}
