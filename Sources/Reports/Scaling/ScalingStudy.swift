// A scaling study: the measurements of its layouts, round by round, beside what the model of a step says.
//
// With images/s v of a layout of c threads and v₀, c₀ of the one with the fewest,
//
//   speed-up = v / v₀        efficiency = (v / v₀) / (c / c₀)
//
// for strong scaling, where the batch stays, and for weak scaling, where it grows with the threads. The model is given one step, that of
// the fewest threads: what computing and the rest took there over what the formulas say is taken for all layouts.

import Failures
import Scaling

/// All layouts of a study.
package struct ScalingStudy: Sendable {
  /// One layout.
  package struct Row: Sendable {
    package let layout: RankLayout
    package let batch: Int
    /// Of the rounds' medians.
    package let imagesPerSecond: Spread, stepSeconds: Spread
    /// Means over rounds that add up to the step, as `ScalingStudy.phases` names them.
    package let phases: [Double]
    package let speedUp: Double, efficiency: Double
    /// nil where no machine was measured.
    package let predicted: StepEstimate?
    /// Whether there are more threads than cores.
    package let takesTurns: Bool

    package var name: String { "\(layout.ranks) x \(layout.threads)" + (takesTurns ? "*" : "") }
    /// Predicted seconds over measured ones, less 1.
    package var deviation: Double? { predicted.map { $0.seconds / stepSeconds.mean - 1 } }
  }

  package static let phases = ["attack", "training", "statistics", "reduction", "waiting", "rest"]

  /// By threads in all, then by ranks.
  package let rows: [Row]
  /// Whether the batch is not the same in all.
  package let isWeak: Bool
  let subject: String, processors: [String]
  /// Fitted to the first row; nil where no machine was measured.
  package let model: StepModel?
  /// What was left out, and why.
  package let remarks: [Remark]

  /// - Parameter files: each with the place that it comes from.
  /// - Throws: `Failure(.badData)`: none is there, or one layout with several batches.
  package init(_ files: [(place: String, measurement: ScalingMeasurement)]) throws(Failure) {
    guard let first = files.first?.measurement else {
      throw Failure(.badData, "no measurement of a scaling study; launch/scaling makes them")
    }
    var remarks: [Remark] = []
    var counted: [ScalingMeasurement] = []
    for (place, measurement) in files {
      if measurement.subject == first.subject {
        counted.append(measurement)
      } else {
        remarks.append(
          Remark("\(place) is left out: it is of \(measurement.subject), \(files[0].place) of \(first.subject)"))
      }
    }
    let groups = Dictionary(grouping: counted, by: \.layout)
    let layouts = groups.keys.sorted { ($0.threadsInAll, $0.ranks, $0.nodes) < ($1.threadsInAll, $1.ranks, $1.nodes) }
    for layout in layouts {
      let batches = Set(groups[layout]?.map(\.batch) ?? []).sorted()
      if batches.count > 1 {
        let list = batches.map(String.init).joined(separator: " and ")
        throw Failure(
          .badData,
          "\(layout.ranks) x \(layout.threads) was measured with batches of \(list): keep studies in folders of their own"
        )
      }
    }
    let node = NodeFacts(counted.compactMap { file in file.machine.map { (file.layout, $0) } })
    let model = Self.fitted(layouts.first.flatMap { groups[$0] } ?? [], node)
    let speed = layouts.first.flatMap { Spread(groups[$0]?.map(\.imagesPerSecond.median) ?? []) }?.mean ?? 1
    let threads = layouts.first?.threadsInAll ?? 1
    rows = layouts.compactMap { layout in
      Self.row(layout, groups[layout] ?? [], speed: speed, threads: threads, model)
    }
    isWeak = Set(rows.map(\.batch)).count > 1
    subject = first.subject
    processors = Set(counted.map(\.processor)).sorted()
    if processors.count > 1 {
      remarks.append(Remark("the measurements are of different processors: \(processors.joined(separator: ", "))"))
    }
    self.model = model
    self.remarks = remarks
  }

  private static func row(
    _ layout: RankLayout, _ files: [ScalingMeasurement], speed: Double, threads: Int, _ model: StepModel?
  ) -> Row? {
    guard let first = files.first, let images = Spread(files.map(\.imagesPerSecond.median)),
      let seconds = Spread(files.map(\.stepSeconds.median))
    else { return nil }
    let parts = files.map { disjoint($0.seconds) }
    let speedUp = images.mean / speed
    return Row(
      layout: layout, batch: first.batch, imagesPerSecond: images, stepSeconds: seconds,
      phases: phases.indices.map { k in parts.reduce(0) { $0 + $1[k] } / Double(parts.count) },
      speedUp: speedUp, efficiency: speedUp * Double(threads) / Double(layout.threadsInAll),
      predicted: model?.with(batch: first.batch).estimate(layout),
      takesTurns: model.map { layout.ranksPerNode * layout.threads > $0.node.cores } ?? false)
  }

  /// Six parts that add up to the step: statistics are taken off attack and training in proportion.
  private static func disjoint(_ seconds: ScalingMeasurement.Phases) -> [Double] {
    let passes = seconds.attack + seconds.training
    let left = passes > 0 ? max(0, 1 - seconds.statistics / passes) : 0
    return [
      seconds.attack * left, seconds.training * left, min(seconds.statistics, passes), seconds.reduction,
      seconds.waiting, seconds.rest,
    ].map { max(0, $0) }
  }

  /// The model that gives the mean step of some measurements of one layout.
  private static func fitted(_ files: [ScalingMeasurement], _ node: NodeFacts?) -> StepModel? {
    guard let node, let first = files.first, let times = PassTimes(together: files.compactMap(\.machine?.times)) else {
      return nil
    }
    let measured = files.map { disjoint($0.seconds) }
    let plain = StepModel(first.work, node: node, times: times)
    let estimate = plain.estimate(first.layout)
    func mean(_ phases: [Int]) -> Double {
      measured.reduce(0) { sum, parts in sum + phases.reduce(0) { $0 + parts[$1] } } / Double(measured.count)
    }
    func factor(_ value: Double, _ formula: Double) -> Double {
      value > 0 && formula > 0 && (value / formula).isFinite ? value / formula : 1
    }
    return StepModel(
      first.work, node: node, times: times,
      scale: (
        computing: factor(mean([0, 1]), estimate.attack + estimate.training),
        rest: factor(mean([5]), estimate.rest)
      ))
  }
}
