// Where the time of a step goes, on rank 0.

/// Seconds of a step, or their mean over steps.
///
/// The exchanges of batch norm (`statistics`) happen within attack and training and are counted there as well.
package struct PhaseSeconds: Decodable, Equatable, Sendable {
  package let attack: Double
  package let training: Double
  package let statistics: Double
  package let reduction: Double
  package let waiting: Double

  private enum CodingKeys: String, CodingKey {
    case attack, training, statistics, reduction, waiting
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func seconds(_ key: CodingKeys) throws -> Double { try container.decodeIfPresent(Double.self, forKey: key) ?? 0 }
    attack = try seconds(.attack)
    training = try seconds(.training)
    statistics = try seconds(.statistics)
    reduction = try seconds(.reduction)
    waiting = try seconds(.waiting)
  }

  /// The mean over steps; nil without any.
  package init?(mean steps: [PhaseSeconds]) {
    guard !steps.isEmpty else { return nil }
    func mean(_ phase: KeyPath<PhaseSeconds, Double>) -> Double {
      steps.reduce(0) { $0 + $1[keyPath: phase] } / Double(steps.count)
    }
    attack = mean(\.attack)
    training = mean(\.training)
    statistics = mean(\.statistics)
    reduction = mean(\.reduction)
    waiting = mean(\.waiting)
  }

  /// The names of `values` and `disjoint`, in their order.
  package static let names = ["attack", "training", "statistics", "reduction", "waiting"]

  /// As they were measured.
  var values: [Double] { [attack, training, statistics, reduction, waiting] }

  /// Five parts that add up to the step: the statistics are taken off attack and training in proportion to them, since
  /// both consist of the same passes.
  package var disjoint: [Double] {
    let passes = attack + training
    let rest = passes > 0 ? max(0, 1 - statistics / passes) : 0
    return [attack * rest, training * rest, min(statistics, passes), reduction, waiting]
  }
}
