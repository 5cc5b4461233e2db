import Communication
import Failures
import Testing

/// The decision who started us, by a table: what launchers set (Open MPI 4.1, MPICH 4.0, SLURM 22.05).
@Suite struct LaunchTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var environment: [String: String]
    var usesMPI: Bool
    /// MPI's sizes that pass, of 1, 2, 4 and 8.
    var accepted: [Int]
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "by itself", environment: [:], usesMPI: false, accepted: [1, 2, 4, 8]),
    Case(name: "mpirun -np 4", environment: ["OMPI_COMM_WORLD_SIZE": "4"], usesMPI: true, accepted: [4]),
    Case(name: "mpirun -np 1", environment: ["OMPI_COMM_WORLD_SIZE": "1"], usesMPI: true, accepted: [1]),
    Case(name: "mpirun.mpich -np 4", environment: ["PMI_SIZE": "4", "PMI_RANK": "1"], usesMPI: true, accepted: [4]),
    Case(name: "another PMIx launcher", environment: ["PMIX_RANK": "0"], usesMPI: true, accepted: [1, 2, 4, 8]),
    Case(
      name: "batch script of a job of 8 tasks", environment: ["SLURM_JOB_ID": "1", "SLURM_NTASKS": "8"],
      usesMPI: false, accepted: [1, 2, 4, 8]),
    Case(
      name: "srun --mpi=pmix -n 4 in a job of 8",
      environment: [
        "SLURM_JOB_ID": "1", "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "4", "PMIX_RANK": "2",
        "SLURM_MPI_TYPE": "pmix",
      ], usesMPI: true, accepted: [4]),
    Case(
      name: "srun -n 1 --pty shell, then the program", environment: ["SLURM_NTASKS": "1", "SLURM_STEP_NUM_TASKS": "1"],
      usesMPI: false, accepted: [1, 2, 4, 8]),
    Case(
      name: "mpirun -np 8 in a job, on the node of a daemon started by srun",
      environment: [
        "OMPI_COMM_WORLD_SIZE": "8", "SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0", "SLURM_NTASKS": "8",
      ], usesMPI: true, accepted: [8]),
    Case(
      name: "mpirun.mpich -np 8 in a job, likewise",
      environment: ["PMI_SIZE": "8", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "4"], usesMPI: true, accepted: [8]),
    Case(
      name: "srun -n 4 with a plug-in that names itself in no way we know",
      environment: ["SLURM_STEP_NUM_TASKS": "4"], usesMPI: true, accepted: [4]),
  ]

  @Test(arguments: cases) func decides(_ example: Case) {
    let launch = Launch(environment: example.environment)
    #expect(launch.usesMPI == example.usesMPI)
    #expect(throws: Never.self) { try launch.checkBeforeStart() }
    for size in [1, 2, 4, 8] {
      let fails = (try? launch.check(size: size, expectedRanks: nil, library: "Open MPI")) == nil
      #expect(fails == !example.accepted.contains(size), "\(size)")
      // What the user says overrides.
      #expect(throws: Never.self) { try launch.check(size: size, expectedRanks: size, library: "Open MPI") }
      #expect(throws: Failure.self) { try launch.check(size: size, expectedRanks: size + 1, library: "Open MPI") }
    }
  }

  @Test func saysWhatToDo() throws {
    let launch = Launch(environment: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"])
    #expect(launch.rank == 2)
    let failure = try #require(throws: Failure.self) {
      try launch.check(size: 1, expectedRanks: nil, library: "MPICH")
    }
    #expect(failure.code == .configuration)
    #expect(failure.message.contains("OMPI_COMM_WORLD_SIZE") && failure.message.contains("mpirun of MPICH"))
    #expect(!failure.message.contains("\n"))
  }

  @Test func refusesSrunWithoutPlugin() throws {
    let launch = Launch(environment: ["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3", "SLURM_MPI_TYPE": "none"])
    #expect(launch.usesMPI && launch.rank == 3)
    let failure = try #require(throws: Failure.self) { try launch.checkBeforeStart() }
    #expect(failure.code == .configuration && failure.message.contains("--mpi=pmix"))
  }

  @Test func runsAlone() throws {
    let size = try World.run(environment: [:], report: { _ in Issue.record("nothing to report") }) { $0.size }
    #expect(size == 1)
    var lines: [String] = []
    let reported = #expect(throws: Reported.self) {
      try World.run(expectedRanks: 8, environment: [:], report: { lines.append("\($0)") }) { $0.size }
    }
    #expect(reported?.code == .configuration && lines.count == 1)
  }
}

/// Who speaks, and whether the program's name alone means to train: variables that a job has left behind prove nothing.
@Suite struct LaunchEvidenceTests {
  private static let rankTwo = ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"]

  @Test(
    arguments: [
      ([:], ["bash", "sshd"], true, false),
      (rankTwo, ["mpirun", "bash"], false, true), (rankTwo, ["orted", "sshd"], false, true),
      // By a script of the launcher's.
      (rankTwo, ["wrapper", "mpirun"], false, true), (rankTwo, ["bash", "login"], true, false),
      (rankTwo, [], true, false),
      (["PMI_SIZE": "2", "PMI_RANK": "1"], ["hydra_pmi_proxy", "mpiexec.hydra"], false, true),
      (["PMI_RANK": "1"], ["bash"], true, false), (["PMIX_RANK": "3"], ["bash"], true, false),
      (["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "1"], ["slurmstepd"], false, true),
      // A shell of srun's, with what another launch has left.
      (["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "PMI_RANK": "3"], ["bash", "slurmstepd"], true, false),
      // In a container that shows no processes from outside.
      (rankTwo.merging(["PMIX_SERVER_URI41": "1.0;tcp4://127.0.0.1:1"]) { $1 }, ["sh"], true, true),
      (["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "0"], ["mpirun.openmpi"], true, true),
      (["OMPI_COMM_WORLD_SIZE": "four", "OMPI_COMM_WORLD_RANK": "-"], ["bash"], true, false),
    ] as [([String: String], [String], Bool, Bool)])
  func evidence(environment: [String: String], ancestors: [String], speaks: Bool, trains: Bool) {
    let launch = Launch(environment: environment, ancestors: ancestors)
    #expect(launch.speaks == speaks)
    #expect(launch.isForTraining == trains)
  }
}
