// Puts runs side by side: those of the same recipe but for the seed become one row of means and deviations.

/// Several runs, and what they say together.
package struct Comparison: Sendable {
  /// Runs of the same recipe but for the seed, in the order they were named.
  package struct Group: Sendable {
    package let name: String
    package let runs: [RunRecord]
  }

  package let groups: [Group]
  /// Of finished runs only.
  package let rows: [ComparisonRow]

  /// Groups runs by their recipes, in the order they were named.
  package init(_ runs: [RunRecord]) {
    var kinds: [(key: [String: String], runs: [RunRecord])] = []
    for run in runs {
      let key = run.recipe.withoutSeed
      // Runs without a recipe cannot be said to be of the same one.
      if !key.isEmpty, let index = kinds.firstIndex(where: { $0.key == key }) {
        kinds[index].runs.append(run)
      } else {
        kinds.append((key, [run]))
      }
    }
    let names = kinds.map { $0.runs[0].name }
    groups = kinds.indices.map { index in
      let isUnique = names.filter { $0 == names[index] }.count == 1
      let number = names[...index].filter { $0 == names[index] }.count
      return Group(name: isUnique ? names[index] : "\(names[index]) (\(number))", runs: kinds[index].runs)
    }
    rows = groups.flatMap(Self.rows)
  }

  /// Runs that are not over and stay out of the rows.
  package var unfinished: [RunRecord] { groups.flatMap(\.runs).filter { $0.isFinished == false } }

  private static func rows(_ group: Group) -> [ComparisonRow] {
    let finished = group.runs.filter { $0.isFinished != false }
    return RunMoment.allCases.flatMap { moment in
      ResultSplit.allCases.flatMap { split -> [ComparisonRow] in
        let results = finished.compactMap { run in
          run.epoch(moment).map { (run: run, epoch: $0, results: $0.results(split)) }
        }
        return Weights.sorted(Set(results.flatMap(\.results.keys))).map { weights in
          let having = results.filter { $0.results[weights] != nil }
          let spreads = AccuracyFigure.allCases.compactMap { figure in
            Spread(having.compactMap { figure.value($0.results[weights]) }).map { (figure, $0) }
          }
          return ComparisonRow(
            recipe: group.name, method: group.runs[0].method, model: group.runs[0].model, moment: moment,
            split: split, weights: weights, seeds: having.map(\.run.seed).sorted { ($0.count, $0) < ($1.count, $1) },
            hasUnaccepted: weights != "raw" && having.contains { $0.epoch.accepted?[weights] == 0 },
            spreads: Dictionary(uniqueKeysWithValues: spreads))
        }
      }
    }
  }
}
