// Puts runs side by side: those of the same recipe but for the seed become one row of means and deviations, in which each
// seed counts once.

import Fairness

/// Several runs, and what they say together.
package struct Comparison: Sendable {
  /// Runs of the same recipe but for the seed, in the order they were named.
  package struct Group: Sendable {
    package let name: String
    /// One a seed.
    package let runs: [RunRecord]
    /// Further runs of these seeds, which do not count.
    package let repeated: [RepeatedRun]
    let identity: RunIdentity
  }

  package let groups: [Group]
  package let rows: [ComparisonRow]
  /// What was left out, and what is odd, in the order of the runs.
  package let remarks: [Remark]
  /// The keys that differ between the groups, and those of them that the names tell.
  package let differences: [String], named: [String]

  /// Groups runs by their recipes, in the order they were named; damaged and unfinished ones are left out with a remark.
  ///
  /// - Parameter remarks: what there was to say before.
  package init(_ runs: [RunRecord], remarks: [Remark] = []) {
    var kinds: [(identity: RunIdentity, seeds: SeedRuns)] = []
    var remarks = remarks
    for run in runs {
      if let obstacle = run.obstacle {
        remarks.append(Remark("\(run.path) is left out: \(obstacle)"))
        continue
      }
      let identity = RunIdentity(run)
      let index = kinds.firstIndex { $0.identity.matches(identity) } ?? kinds.count
      if index == kinds.count { kinds.append((identity, SeedRuns())) }
      kinds[index].seeds.add(run)
    }
    remarks += kinds.flatMap(\.seeds.remarks)
    let names = RowNames(kinds.map(\.seeds.labelled), kinds.map(\.identity))
    groups = kinds.indices.map { index in
      let seeds = kinds[index].seeds
      return Group(
        name: names.names[index], runs: seeds.counted, repeated: seeds.repeated, identity: kinds[index].identity)
    }
    rows = groups.flatMap(Self.rows)
    (differences, named) = (names.keys, names.shown)
    self.remarks = remarks
  }

  private static func rows(_ group: Group) -> [ComparisonRow] {
    RunMoment.allCases.flatMap { moment in
      ResultSplit.allCases.flatMap { split -> [ComparisonRow] in
        let results = group.runs.compactMap { run in
          run.epoch(moment).map { (run: run, epoch: $0, results: $0.results(split)) }
        }
        return Weights.sorted(Set(results.flatMap(\.results.keys))).map { weights in
          let having = results.filter { $0.results[weights] != nil }
          let spreads = AccuracyFigure.allCases.compactMap { figure in
            Spread(having.compactMap { $0.results[weights]?[figure] }).map { (figure, $0) }
          }
          return ComparisonRow(
            recipe: group.name, method: group.runs[0].method, model: group.runs[0].model, moment: moment,
            split: split, weights: weights, seeds: SeedRuns.ascending(having.map(\.run.seed)),
            hasUnaccepted: weights != "raw" && having.contains { $0.epoch.accepted?[weights] == 0 },
            contradicted: group.repeated.filter(\.isContradiction).count,
            spreads: Dictionary(uniqueKeysWithValues: spreads))
        }
      }
    }
  }
}
