// A run whose recipe and seed another run has too.

/// A run that does not count, because one before it stands for its seed.
package struct RepeatedRun: Sendable {
  package let run: RunRecord
  /// The run that counts.
  package let counted: RunRecord

  /// Whether the two ended in different states, which the same recipe and seed never should.
  package var isContradiction: Bool {
    guard let mine = run.digest, let theirs = counted.digest else { return false }
    return mine != theirs
  }

  /// What there is to say about it.
  var remark: Remark {
    guard isContradiction else {
      let which = run.digest == nil || counted.digest == nil ? "recipe and seed" : "recipe, seed and digest"
      return Remark("\(counted.path) and \(run.path) are the same run (\(which)): counted once")
    }
    let circumstances = Self.differences(run, counted)
    let why =
      circumstances.isEmpty
      ? "nothing in environment.json explains it: look for a faulty host, or files changed by hand"
      : "what may explain it: \(circumstances.joined(separator: ", "))"
    return Remark(
      "WARNING: \(counted.path) and \(run.path) have the same recipe and seed \(run.seed) but different digests "
        + "(\(Self.short(counted.digest)), \(Self.short(run.digest))), which breaks the promise of the same bits; \(why); "
        + "only \(counted.path) is counted", isWarning: true)
  }

  /// The circumstances that bits may depend on, where the two runs differ, with both values.
  private static func differences(_ run: RunRecord, _ counted: RunRecord) -> [String] {
    var facts: [(name: String, value: (EnvironmentEntry) -> String?)] = [
      ("version", { $0.version }), ("instruction set", { $0.builtFor }), ("built for", { $0.march }),
      ("processor", { $0.processor }), ("OpenBLAS kernels", { $0.blasCore }), ("data", { $0.dataDigest.map(short) }),
    ]
    if run.recipe["engine.reduction"] == "mpi" { facts.append(("ranks", { $0.ranks.map { "\($0)" } })) }
    return facts.compactMap { name, value in
      guard let mine = run.environment.flatMap(value), let theirs = counted.environment.flatMap(value), mine != theirs
      else { return nil }
      return "\(name) (\(theirs), \(mine))"
    }
  }

  private static func short(_ digest: String?) -> String { digest.map { "\($0.prefix(12))" } ?? Figures.absent }
}
