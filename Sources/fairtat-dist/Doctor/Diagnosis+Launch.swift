// How the ranks were started.

import Failures

extension Diagnosis {
  /// MPI, launcher, ranks and hosts.
  func launchFindings() -> [Finding] {
    var findings = [
      Finding("mpi", library),
      threadLevel.map { Finding("mpi-threads", $0) }
        ?? Finding(
          "mpi-threads", "not started", .note, "one process without MPI: start ranks with mpirun or launch/run"),
      Finding("launcher", launcher),
    ]
    let count = Finding.Value.number(Double(ranks.count))
    if let launchFailure {
      findings.append(Finding("ranks", count, failing: launchFailure))
    } else if ranks.count > mostRanks {
      findings.append(
        Finding(
          "ranks", count, .note,
          "a batch of \(StandardRun.layout.batchSize) has \(mostRanks) shards, and no more ranks can share it: raise "
            + "training.shards or training.batch-size"))
    } else {
      findings.append(Finding("ranks", count))
    }
    findings.append(Finding("hosts", .list(hosts.map { "\($0.name): \(counted($0.ranks.count, "rank"))" })))
    findings.append(namespaces)
    return findings
  }

  private var launcher: String {
    guard launch.usesMPI else { return "none" }
    guard let told = launch.ranks else { return "\(launch.source) is set" }
    return "\(launch.source)=\(told)"
  }

  /// Logical shards of a standard batch.
  private var mostRanks: Int { StandardRun.layout.shardCount }

  /// Open MPI reads large messages from the memory of the sender, and hangs where it may not.
  private var namespaces: Finding {
    let apart = hosts.filter { Set($0.ranks.map(\.userNamespace)).count > 1 }
    guard let first = apart.first else { return Finding("user-namespaces", "one a host") }
    return Finding(
      "user-namespaces", "several on \(first.name)", .warning,
      "the ranks of a host are in different user namespaces, as rootless containers are: large messages may hang; set "
        + "OMPI_MCA_btl_vader_single_copy_mechanism=none")
  }
}
