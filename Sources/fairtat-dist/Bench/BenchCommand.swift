// `fairtat-dist bench`: measurements of the engine, on all ranks at the same time.

import ArgumentParser

/// The subcommand `bench`, which has subcommands of its own.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure whole steps, single layers, loops of threads, or the exchanges between ranks.",
    discussion: """
      Start it with the launcher, ranks and threads of the run that is meant, on a machine with no other work. What the \
      figures mean: docs/performance.md.

        mpirun -np 2 fairtat-dist bench step --json step.json
        fairtat-dist bench kernels
        fairtat-dist bench loops
        mpirun -np 8 fairtat-dist bench allreduce --step-seconds 4.2
      """,
    subcommands: [StepBench.self, KernelsBench.self, LoopsBench.self, AllreduceBench.self])
}
