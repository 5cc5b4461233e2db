// Where the ranks run, and whether they get into each other's way.

extension Diagnosis {
  /// Processor, masks, threads against cores, and quota.
  func coreFindings() -> [Finding] {
    [
      Finding("processor", byHost(\.processor)),
      Finding(
        "cores",
        byHost {
          "\(counted($0.cores.physicalCores, "core")), \(counted($0.cores.hardwareThreads, "hardware thread")) a rank"
        }),
      Finding("binding", .list(ranks.map { "rank \($0.rank) (\($0.cores.host)): \($0.cores.mask)" })),
      threadFinding,
      quotaFinding,
    ]
  }

  private var threadFinding: Finding {
    let value = Finding.Value.list(ranks.map { "rank \($0.rank): \(threads($0))" })
    // Ranks with one mask share its cores; the first group that cannot have a core a thread is told.
    for (host, onHost) in hosts {
      var groups: [String: [RankFacts]] = [:]
      for rank in onHost { groups[rank.cores.mask, default: []].append(rank) }
      for (mask, group) in groups.sorted(by: { $0.key < $1.key }) {
        let wanted = group.reduce(0) { $0 + threads($1) }
        let cores = group[0].cores.physicalCores
        guard wanted > cores else { continue }
        let idle = Set(onHost.map(\.cores.mask)).count < onHost.count && group.count > 1
        return Finding(
          "threads", value, .warning,
          "\(counted(group.count, "rank")) of \(counted(wanted, "thread")) in all on \(counted(cores, "core")) (\(mask)) of "
            + "\(host): they take turns; start fewer ranks or threads"
            + (idle ? ", or let launch/run place them; under srun set OMPI_MCA_mpi_yield_when_idle=1" : ""))
      }
    }
    return Finding("threads", value)
  }

  private var quotaFinding: Finding {
    let text = byHost { $0.cores.quota > 0 ? "\($0.cores.quota) cores" : "none" }
    for (host, onHost) in hosts where onHost[0].cores.quota > 0 {
      let quota = onHost[0].cores.quota
      let wanted = onHost.reduce(0) { $0 + threads($1) }
      guard Double(wanted) > quota else { continue }
      return Finding(
        "quota", .text(text), .warning,
        "the container on \(host) grants \(quota) cores and \(counted(wanted, "thread")) will run there: they are stopped "
          + "part of the time; start fewer, or raise the limit")
    }
    return Finding("quota", text)
  }
}
