// What became of every example of an evaluation: all that it stores, exchanges and reports follows from these.

/// The predictions of examples, clean and after a sequence of attacks.
package struct Verdicts: Codable, Equatable, Sendable {
  /// One example.
  package struct Verdict: Codable, Equatable, Sendable {
    package let label: UInt16
    /// What is predicted of the image as it is.
    package var clean: UInt16
    /// What is predicted after the last attack that it was given: of its adversary, or where none was found of the image.
    package var attacked: UInt16
    /// The attack that broke it, from 1; 0 for none, also where it is misclassified as it is and was not attacked.
    package var brokenBy: UInt8
    /// What it has been through: 1 after the image as it is, 2 after the first attack, and so on; the attacks that it was spared are not
    /// counted, so this may be less than others have.
    package var judged: UInt8 = 0

    /// Whether it is classified correctly after all attacks so far.
    package var isRobust: Bool { attacked == label }
  }

  package private(set) var examples: [Verdict]
  /// K.
  package let classCount: Int
  /// The attacks by name, in their order.
  package let attacks: [String]

  /// Before anything was judged, every example counts as classified correctly.
  package init(labels: [Int], classCount: Int, attacks: [String]) {
    precondition(classCount <= 1 << 16 && attacks.count < 1 << 7, "too many classes or attacks")
    self.classCount = classCount
    self.attacks = attacks
    examples = labels.map { Verdict(label: UInt16($0), clean: UInt16($0), attacked: UInt16($0), brokenBy: 0) }
  }

  /// Takes in what is predicted of the image as it is.
  package mutating func record(clean prediction: Int, of example: Int) {
    examples[example].clean = UInt16(prediction)
    examples[example].attacked = UInt16(prediction)
    examples[example].judged = 1
  }

  /// Takes in what is predicted after attack number `attack` (from 0).
  package mutating func record(_ prediction: Int, after attack: Int, of example: Int) {
    examples[example].attacked = UInt16(prediction)
    examples[example].brokenBy = examples[example].isRobust ? 0 : UInt8(attack + 1)
    examples[example].judged = UInt8(attack + 2)
  }

  /// A few words on how far they are, such as `apgd-t has judged 256 images`.
  package var summary: String {
    let furthest = examples.map(\.judged).max() ?? 0
    let count = examples.count { $0.judged == furthest }
    let stage = furthest == 0 ? "nothing" : furthest == 1 ? "the clean pass" : attacks[Int(furthest) - 2]
    return "\(stage) has judged \(count) images"
  }

  /// Whether every class and attack is one that there is.
  package var isWhole: Bool {
    examples.allSatisfy { verdict in
      [verdict.label, verdict.clean, verdict.attacked].allSatisfy { Int($0) < classCount }
        && verdict.judged <= attacks.count + 1 && verdict.brokenBy <= attacks.count
    }
  }

  /// The examples that attack number `attack` (from 0; -1: none, the images as they are) has yet to judge.
  ///
  /// - Parameter attacksAll: whether those are attacked, too, that are misclassified.
  package func due(_ attack: Int, attacksAll: Bool) -> [Int] {
    examples.indices.filter {
      Int(examples[$0].judged) <= attack + 1 && (attack < 0 || attacksAll || examples[$0].isRobust)
    }
  }

  /// Counts of who is taken for whom, images as they are.
  package var clean: ConfusionMatrix { matrix { Int($0.clean) } }
  /// The same after all attacks.
  package var robust: ConfusionMatrix { matrix { Int($0.attacked) } }

  /// Examples of each class that are classified correctly after attack number `attack` (from 0).
  package func robustByClass(after attack: Int) -> [Int64] {
    var counts = [Int64](repeating: 0, count: classCount)
    for verdict in examples where verdict.isRobust || Int(verdict.brokenBy) > attack + 1 {
      counts[Int(verdict.label)] += 1
    }
    return counts
  }

  private func matrix(_ prediction: (Verdict) -> Int) -> ConfusionMatrix {
    var matrix = ConfusionMatrix(classCount: classCount)
    for verdict in examples { matrix.record(label: Int(verdict.label), prediction: prediction(verdict)) }
    return matrix
  }
}
