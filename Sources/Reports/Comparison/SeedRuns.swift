// The runs of one recipe: the first of each seed counts, the others are compared with it.

/// Runs of one recipe by seed.
struct SeedRuns: Sendable {
  private(set) var counted: [RunRecord] = []
  private(set) var repeated: [RepeatedRun] = []

  /// Seeds as numbers ascend.
  static func ascending(_ seeds: [String]) -> [String] { seeds.sorted { ($0.count, $0) < ($1.count, $1) } }

  mutating func add(_ run: RunRecord) {
    // Without a seed nobody knows.
    if run.recipe["training.seed"] != nil, let first = counted.first(where: { $0.seed == run.seed }) {
      repeated.append(RepeatedRun(run: run, counted: first))
    } else {
      counted.append(run)
    }
  }

  /// The first run, with the label that the first labelled one has.
  var labelled: RunRecord {
    var run = counted[0]
    run.label = labels.first
    return run
  }

  private var labels: [String] { (counted + repeated.map(\.run)).compactMap(\.label) }

  var remarks: [Remark] {
    let others = Set(labels).subtracting(labels.prefix(1)).sorted()
    let unused = others.map { label in
      Remark("'\(label)' names no row: its run is of the recipe that '\(labels[0])' names")
    }
    return repeated.map(\.remark) + unused
  }
}
