// What a recipe asks for that never comes, or comes otherwise than it reads: beginnings beyond the end, milestones out of
// order. No error, because a recipe that is shortened for a trial (`--epochs 1`) keeps its beginnings.

import Methods
import Recipes

extension Recipe {
  /// Lines for the user; none for a recipe that means what it says.
  ///
  /// - Parameter stepsPerEpoch: of the data at hand.
  package func notes(stepsPerEpoch: Int) -> [String] {
    fairnessNotes(stepsPerEpoch) + trainingMethod.policies.compactMap(\.remark)
      + warmUpNotes + milestoneNotes + averagingNotes
  }

  /// "one epoch", "3 epochs".
  private var length: String { training.epochs == 1 ? "one epoch" : "\(training.epochs) epochs" }

  // MARK: - Prior and margins

  private func fairnessNotes(_ stepsPerEpoch: Int) -> [String] {
    /// What follows the counts, the first epoch in which it does, and the key that says so.
    var parts: [(name: String, first: Int, key: String)] = []
    if (startsTargeted || fairness.targeted == .strong) && fairness.prior != "uniform" {
      parts.append(("prior", fairness.firstPriorEpoch, fairness.priorBegin == nil ? "begin" : "prior-begin"))
    }
    if fairness.margins {
      parts.append(("margins", fairness.firstMarginsEpoch, fairness.marginsBegin == nil ? "begin" : "margins-begin"))
    }
    if fairness.betaLambda != nil {
      parts.append(("betas", fairness.firstMarginsEpoch, fairness.marginsBegin == nil ? "begin" : "margins-begin"))
    }
    if fairness.targeted == .strong { parts.append(("targets", fairness.begin, "begin")) }
    let late = parts.filter { $0.first >= training.epochs }
    var notes: [String] = []
    if !late.isEmpty {
      let names = late.map(\.name).joined(separator: " and ")
      let begins = Set(late.map { "fairness.\($0.key) is \($0.first)" }).sorted().joined(separator: ", ")
      notes.append(
        "with \(length) \(names) \(names == "prior" ? "stays as it is" : "stay as they are"): \(begins), and the last epoch "
          + "(from 0) is \(training.epochs - 1)")
    }
    if let interval = fairness.interval, interval > stepsPerEpoch, parts.count > late.count {
      notes.append(
        "fairness.interval is \(interval) steps, but an epoch has \(stepsPerEpoch) and its end is always one: as with 'epoch'"
      )
    }
    return notes
  }

  // MARK: - Learning rate

  private var warmUpNotes: [String] {
    if training.schedule == .epochCosine, training.coolDown >= training.epochs {
      return [
        "with \(length) the learning rate is training.minimum-rate, \(training.minimumRate), once it is warm: "
          + "training.cool-down is \(training.coolDown)"
      ]
    }
    guard training.warmUp.value > Double(training.epochs) else { return [] }
    return ["with \(length) the learning rate never gets to its full height: training.warm-up is \(training.warmUp)"]
  }

  private var milestoneNotes: [String] {
    guard training.schedule == .milestones, training.learningRate.value > 0 else { return [] }
    // A rate that does not fall has nothing to miss.
    guard training.factors != nil || training.decay.value < 1 else { return [] }
    let milestones = training.milestones
    let firsts = milestones.map { $0.firstEpoch(of: training.epochs) }
    var notes: [String] = []
    let missed = zip(milestones, firsts).filter { $1 == nil }.map { "\($0.0)" }
    if !missed.isEmpty {
      notes.append(
        "with \(length) the learning rate does not fall at \(missed.joined(separator: ", ")) (training.milestones): no epoch "
          + "is that late")
    }
    let reached = firsts.compactMap { $0 }
    if reached.contains(0) {
      notes.append("training.milestones has one at epoch 0: the learning rate is lower from the start")
    }
    if zip(reached, reached.dropFirst()).contains(where: { $0 > $1 }) {
      notes.append(
        "training.milestones [\(list(milestones))] are out of order: the learning rate falls where each is reached, after "
          + "\(list(reached.sorted())) epochs")
    }
    let twice = Set(reached.filter { epoch in reached.count { $0 == epoch } > 1 }).sorted()
    if !twice.isEmpty {
      notes.append(
        "of training.milestones [\(list(milestones))] several are reached at epoch \(list(twice)): "
          + (training.factors == nil
            ? "the learning rate falls by all of them at once" : "the factor of the last of them holds"))
    }
    return notes
  }

  private func list(_ values: [some CustomStringConvertible]) -> String {
    values.map { "\($0)" }.joined(separator: ", ")
  }

  // MARK: - Averages

  private var averagingNotes: [String] {
    let names = averaging.names.map { $0.uppercased() }
    guard !names.isEmpty, averaging.start.firstEpoch(of: training.epochs) == nil else { return [] }
    return [
      "with \(length) \(names.joined(separator: " and ")) \(names.count == 1 ? "takes" : "take") in no weights: "
        + "averaging.start is \(averaging.start)"
    ]
  }
}
