// All that fairness remembers from step to step: equal on every rank, part of every checkpoint.

/// The class settings and the prior in force, and the counts that will decide the next ones.
///
/// A step adds its counts, already summed over ranks; the policies rewrite settings and prior for the epoch, or the shorter
/// interval, that begins, from the counts of the one before. Whoever makes the same calls with the same integers has the
/// same bits.
package struct FairnessState: Codable, Equatable, Sendable {
  /// The epoch that settings and prior are in force for, from 0.
  package private(set) var epoch: Int
  /// What each class trains with.
  package var settings: ClassSettings
  /// What targets are drawn from.
  package var prior: TargetPrior
  /// Counts since the epoch began, for the log.
  package private(set) var epochCounts: ClassCounts
  /// Counts since the policies last acted; the epoch's, unless intervals are shorter.
  package private(set) var intervalCounts: ClassCounts

  /// Epoch 0: one setting for all of K >= 2 classes, targets uniform, nothing counted.
  package init(classCount: Int, setting: ClassSetting) {
    epoch = 0
    settings = ClassSettings(classCount: classCount, repeating: setting)
    prior = .uniform(classCount: classCount)
    epochCounts = ClassCounts(classCount: classCount)
    intervalCounts = epochCounts
  }

  /// Whether all parts are of as many classes as another state's.
  package func hasClasses(of other: FairnessState) -> Bool {
    let counts = [settings.classCount, prior.classCount, epochCounts.classCount, intervalCounts.classCount]
    return counts.allSatisfy { $0 == other.settings.classCount }
  }

  /// Takes in the counts of one step, summed over all ranks.
  package mutating func add(_ counts: ClassCounts) {
    epochCounts.add(counts)
    intervalCounts.add(counts)
  }

  /// Lets the policies act for an interval that begins in the middle of an epoch, in the order given, on the counts since
  /// they last did; without any nothing happens.
  package mutating func beginInterval(_ policies: [any FairnessPolicy]) {
    let counts = intervalCounts
    guard counts.total > 0 else { return }
    intervalCounts.reset()
    for policy in policies { policy.update(&self, from: counts) }
  }

  /// Closes the epoch and lets the policies act for the next one, in the order given.
  ///
  /// - Returns: what the log says about the closed epoch.
  package mutating func endEpoch(_ policies: [any FairnessPolicy]) -> FairnessRecord {
    let record = FairnessRecord(self)
    epoch += 1
    beginInterval(policies)
    epochCounts.reset()
    return record
  }

  /// Every value as 64 bits in a fixed order, for the digest that ranks compare.
  package var words: [UInt64] {
    var words = [UInt64(epoch), UInt64(settings.classCount)]
    for row in settings.rows {
      words += [row.targeted ? 1 : 0, UInt64(row.epsilon.bitPattern), UInt64(row.steps)]
      words += [row.stepSize, row.lossWeight, row.beta].map { UInt64($0.bitPattern) }
    }
    words += prior.probabilities.map(\.bitPattern)
    words += (epochCounts.flat + intervalCounts.flat).map { UInt64(bitPattern: $0) }
    return words
  }
}
