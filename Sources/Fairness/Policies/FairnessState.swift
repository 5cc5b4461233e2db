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
  /// What policies remember; nil, as in checkpoints of older programs, where they remember nothing.
  private var remembered: PolicyMemory?

  /// What policies remember.
  package var memory: PolicyMemory {
    get { remembered ?? PolicyMemory() }
    set { remembered = newValue.isEmpty ? nil : newValue }
  }

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
  ///
  /// - Parameter predictions: Σ of the step's predicted probabilities by class, or nothing (`PredictionSums`).
  package mutating func add(_ counts: ClassCounts, predictions: [Int64] = []) {
    epochCounts.add(counts)
    intervalCounts.add(counts)
    guard !predictions.isEmpty else { return }
    var sums = predictionSums ?? [Double](repeating: 0, count: predictions.count)
    for i in predictions.indices { sums[i] += Double(predictions[i]) }
    predictionSums = sums
  }

  /// The sums of predicted probabilities so far, K·K; nil where none were asked for.
  package var predictionSums: [Double]? {
    get { memory.vector("predictions", count: settings.classCount * settings.classCount) }
    set { memory["predictions"] = newValue }
  }

  /// Lets the policies act before the first step of a run.
  package mutating func begin(_ policies: [any FairnessPolicy], validation: AttackEvaluation) {
    let statistics = IntervalStatistics(counts: intervalCounts, validation: validation)
    for policy in policies { policy.update(&self, from: statistics) }
  }

  /// Lets the policies act for an interval that begins in the middle of an epoch, in the order given, on the counts since
  /// they last did; without any nothing happens.
  package mutating func beginInterval(
    _ policies: [any FairnessPolicy], validation: AttackEvaluation? = nil, losses: ClassLosses? = nil,
    endsEpoch: Bool = false
  ) {
    let statistics = IntervalStatistics(
      counts: intervalCounts, validation: validation, losses: losses, endsEpoch: endsEpoch)
    guard statistics.counts.total > 0 else { return }
    intervalCounts.reset()
    for policy in policies { policy.update(&self, from: statistics) }
  }

  /// Closes the epoch and lets the policies act for the next one, in the order given.
  ///
  /// - Parameters:
  ///   - validation: under the weights that the epoch ended with, where a policy asks for it.
  ///   - losses: the same.
  /// - Returns: what the log says about the closed epoch.
  package mutating func endEpoch(
    _ policies: [any FairnessPolicy], validation: AttackEvaluation? = nil, losses: ClassLosses? = nil
  ) -> FairnessRecord {
    let record = FairnessRecord(self)
    epoch += 1
    beginInterval(policies, validation: validation, losses: losses, endsEpoch: true)
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
    return words + memory.words
  }
}
