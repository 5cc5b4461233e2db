// How often an attack toward a class arrives there, source by source.

/// The images of each class that a targeted attack moves to each target.
package struct TargetedSuccess: Encodable, Equatable, Sendable {
  /// The classes that were targets, ascending.
  package let targets: [Int]
  /// Images of each class; each was attacked toward every target but its own class.
  package let examples: [Int64]
  /// Row y: of the images with label y, those that are predicted as each of `targets` after the attack toward it; 0 where y is the target.
  package let reached: [[Int64]]

  /// - Precondition: as many rows as classes, each with an entry a target.
  package init(targets: [Int], examples: [Int64], reached: [[Int64]]) {
    precondition(reached.count == examples.count && reached.allSatisfy { $0.count == targets.count })
    self.targets = targets
    self.examples = examples
    self.reached = reached
  }

  /// The share of the images of class `source` that reach target number `place`; nil for the class itself, and without images.
  package func share(_ source: Int, _ place: Int) -> Double? {
    targets[place] == source || examples[source] == 0
      ? nil : Double(reached[source][place]) / Double(examples[source])
  }

  /// The shares of target number `place` over the images of all other classes; nil without one.
  package func share(ofTarget place: Int) -> Double? {
    let others = examples.indices.filter { $0 != targets[place] }
    let all = others.reduce(0) { $0 + examples[$1] }
    return all == 0 ? nil : Double(others.reduce(0) { $0 + reached[$1][place] }) / Double(all)
  }

  /// Up to so many classes all are targets.
  package static let mostTargets = 20
  /// Of more classes so many are.
  private static let fewTargets = 10

  /// The classes to aim at: all, or of more than twenty the ten that the untargeted attack makes most false positives of.
  package static func targets(_ robust: ConfusionMatrix) -> [Int] {
    let classes = Array(0..<robust.classCount)
    guard classes.count > mostTargets else { return classes }
    let counts = robust.falsePositives
    return classes.sorted { (-counts[$0], $0) < (-counts[$1], $1) }.prefix(fewTargets).sorted()
  }

  private enum CodingKeys: String, CodingKey { case targets, examples, reached, share }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(targets, forKey: .targets)
    try container.encode(examples, forKey: .examples)
    try container.encode(reached, forKey: .reached)
    try container.encode(examples.indices.map { y in targets.indices.map { share(y, $0) } }, forKey: .share)
  }
}
