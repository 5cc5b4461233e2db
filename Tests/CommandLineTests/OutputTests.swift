import Foundation
import Launching
import Testing

/// Streams that cannot be written to, results in all kinds of files, variables that launchers left behind.
@Suite(.serialized) struct OutputTests {
  /// Runs a line of shell in the scene's folder, with the program as `$P` and a training of a tenth of a second as `$T`.
  private func shell(_ line: String, _ scene: Scene, _ environment: [String: String] = [:]) throws -> Program.Outcome {
    let training = Scene.training().map { "'\($0)'" }.joined(separator: " ")
    let variables = ["P": Program.path, "T": training, "SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }
    return try Program.command(
      ["/bin/bash", "-c", line.replacingOccurrences(of: "$T", with: training)], environment: variables, in: scene.folder
    )
  }

  /// A training goes on with the log file.
  @Test(arguments: [
    (">/dev/full", true), (">&-", true), (">&- 2>&-", true), ("2>&-", false), (">/dev/full 2>/dev/full", true),
    ("<&- >&- 2>&-", true), (">/dev/null <&-", false),
  ])
  func aTrainingNeedsNoStream(bent: String, warns: Bool) throws {
    let scene = Scene()
    let outcome = try shell("$P $T \(bent)", scene)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let log = try String(contentsOfFile: scene.path("run/log.txt"), encoding: .utf8)
    #expect(log.contains("the run lies in run"))
    #expect(log.contains("warning: cannot write standard output") == warns)
    #expect(scene.leftovers().isEmpty)
    // No line of ours was written into a file that got the number of a stream.
    let metrics = try String(contentsOfFile: scene.path("run/metrics.jsonl"), encoding: .utf8)
    #expect(metrics.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
  }

  /// Whose product is standard output says so on the other stream.
  @Test(arguments: [
    "list", "list recipes synthetic-small", "--help", "train --help", "--version", "doctor", "doctor --json",
  ])
  func aProductThatIsLostIsAnError(command: String) throws {
    let scene = Scene()
    for bent in [">/dev/full", ">&-"] {
      let outcome = try shell("$P \(command) \(bent)", scene)
      #expect(
        outcome.code == 74 && outcome.ownErrors.count == 1, "\(command) \(bent): \(outcome.code) \(outcome.errors)")
      #expect(outcome.ownErrors.first?.contains("standard output") == true)
      #expect(try shell("$P \(command) \(bent) 2>&-", scene).code == 74)
    }
  }

  /// An error that nobody can hear keeps its code.
  @Test(arguments: [
    ("train --recipe nope", 78), ("train --nope", 64), ("evaluate --checkpoint nowhere", 65), ("list toys", 64),
  ])
  func codesNeedNoStream(command: String, code: Int) throws {
    let scene = Scene()
    for bent in ["2>&-", "2>/dev/full", ">&- 2>&-"] { #expect(try shell("$P \(command) \(bent)", scene).code == code) }
  }

  /// Nobody reads any more: a checkpoint, and the run is not locked; with SIGPIPE ignored the run goes on.
  @Test func aPipeWithoutAReader() throws {
    let scene = Scene()
    let many = "--epochs 40 --set training.log-every=1"
    let outcome = try shell("$P $T \(many) | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}", scene)
    #expect(outcome.code == 75 && outcome.ownErrors.count == 1, "\(outcome.errors)")
    #expect(scene.leftovers().isEmpty)
    #expect(try !scene.checkpoints().isEmpty)
    let ignored = try shell("trap '' PIPE; $P $T --run other | true; exit ${PIPESTATUS[0]}", scene)
    #expect(ignored.code == 0 && scene.leftovers("other").isEmpty, "\(ignored.errors)")
  }

  @Test func aHangUpAndNohup() throws {
    let scene = Scene()
    let wait = "until [ -s $R/metrics.jsonl ]; do sleep 0.02; done"
    let outcome = try shell("R=run; $P $T --epochs 500 & \(wait); kill -HUP $!; wait $!", scene)
    #expect(outcome.code == 75 && scene.leftovers().isEmpty, "\(outcome.errors)")
    let nohup = try shell(
      "R=hup; (trap '' HUP; exec $P $T --run hup --epochs 4) & \(wait); kill -HUP $!; wait $!", scene)
    #expect(nohup.code == 0 && scene.leftovers("hup").isEmpty, "\(nohup.errors)")
  }

  @Test func aLimitOfFileSizesIsALine() throws {
    let scene = Scene()
    let outcome = try shell("ulimit -f 40; $P $T --quiet", scene)
    #expect(outcome.code == 74 && outcome.ownErrors.count == 1 && outcome.errors.contains("File too large"))
    #expect(scene.leftovers().isEmpty)
  }

  /// Progress and results can be silenced, what they mean cannot: the same lines as without, on the other stream.
  @Test func quietIsNoSilence() throws {
    let scene = Scene()
    let never = "with one epoch prior and margins stay as they are: "
    let short = "warning: steps x step size is 1 x "
    let text = try shell("$P $T", scene)
    #expect(text.output.contains("\n\(never)") && text.errors.isEmpty)
    let quiet = try shell("$P $T --run q --quiet", scene)
    #expect(quiet.code == 0 && quiet.output.isEmpty)
    let lines = quiet.errors.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix(never) } && !lines.contains { $0.hasPrefix("epoch ") }, "\(quiet.errors)")
    #expect(lines.allSatisfy { text.output.contains($0) }, "\(quiet.errors)")
    let json = try shell("$P $T --run j --json", scene)
    #expect(json.code == 0 && json.output.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
    #expect(json.errors == quiet.errors)
    let judged = try shell("$P evaluate --threads 1 --checkpoint q --quiet", scene)
    #expect(judged.code == 0 && judged.output.isEmpty && judged.ownErrors.isEmpty)
    #expect(lines.contains { $0.hasPrefix(short) } && judged.errors.hasPrefix(short), "\(judged.errors)")
    // Nobody to hear it: the log has it.
    #expect(try shell("$P $T --run closed --quiet 2>&-", scene).code == 0)
    #expect(try String(contentsOfFile: scene.path("closed/log.txt"), encoding: .utf8).contains(never))
  }

  // MARK: - Results

  private func results(_ text: some StringProtocol) -> Int? {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any])?.count
  }

  @Test func resultsGoAnywhere() throws {
    let scene = Scene()
    #expect(try scene.train(run: "r").code == 0)
    // Its one step could not reach epsilon, which a line on standard error would say.
    let evaluate = "$P evaluate --threads 1 --checkpoint r --steps 4"
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
      let quiet = try shell("\(evaluate) --quiet --json \(name)", scene)
      #expect(quiet.code == 0 && results(quiet.output) == 1 && quiet.errors.isEmpty, "\(name): \(quiet.errors)")
      let text = try shell("\(evaluate) --json \(name)", scene)
      #expect(text.code == 0 && results(text.output) == 1 && text.errors.contains("robust"))
    }
    #expect(results(try shell("\(evaluate) --quiet --json >(cat >&2); wait $!", scene).errors) == 1)
    let piped = try shell("mkfifo p; cat p & \(evaluate) --quiet --json p; c=$?; wait; exit $c", scene)
    #expect(piped.code == 0 && results(piped.output) == 1)
    let kept = try shell(
      "echo old >f; ln -s f l; \(evaluate) --quiet --json l && test -L l && \(evaluate) --quiet --json /dev/null", scene
    )
    #expect(kept.code == 0, "\(kept.errors)")
    #expect(results(try String(contentsOfFile: scene.path("f"), encoding: .utf8)) == 1)
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    // Appended to what the file has, as the shell opened it.
    #expect(
      try shell("echo before >g; \(evaluate) --quiet --json /dev/fd/5 5>>g; head -n 1 g", scene).output == "before\n")
  }

  /// Before the work: there is no table yet.
  @Test(arguments: ["nodir/x.json", "r", ".", "r/log.txt/x", "new/", "''"])
  func aBadPlaceForResultsIsKnownAtTheStart(place: String) throws {
    let scene = Scene()
    #expect(try scene.train(run: "r").code == 0)
    for command in ["evaluate --threads 1 --checkpoint r", "plan", "bench step --steps 1 --width 8 --batch 16"] {
      let outcome = try shell("$P \(command) --json \(place)", scene)
      #expect(outcome.code == 73 && outcome.ownErrors.count == 1, "\(command): \(outcome.code) \(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    let report = try shell("$P report r --output \(place)", scene)
    #expect(report.code == 73 && report.ownErrors.count == 1 && report.output.isEmpty, "\(report.errors)")
  }

  @Test func figuresOnStandardOutput() throws {
    let scene = Scene()
    let plan = try shell("$P plan --set model.width=8 --json -", scene)
    #expect(plan.code == 0 && (try? JSONSerialization.jsonObject(with: Data(plan.output.utf8))) is [String: Any])
    #expect(!plan.errors.isEmpty)
    #expect(try shell("$P plan --set model.width=8 >/dev/full", scene).code == 74)
  }

  // MARK: - Paths

  @Test(arguments: [
    "r", "a/b", "x/", "./y/.", "new/../z", "50%25", "two words", "-dash", "line\nbreak", "\u{1B}[31m", "é/ü",
    String(repeating: "n", count: 255),
  ])
  func runsLieAnywhere(directory: String) throws {
    let scene = Scene()
    let train = Array(Scene.training().dropFirst(3))
    let outcome = try Program.run(["train", "--run=\(directory)"] + train, in: scene.folder)
    #expect(outcome.code == 0 && !outcome.output.contains("\u{1B}"), "\(outcome.errors)")
    #expect(FileManager.default.fileExists(atPath: scene.path(directory) + "/metrics.jsonl"))
    let evaluated = try Program.run(
      ["evaluate", "--checkpoint=\(directory)", "--threads", "1", "--json=\(directory)/result"], in: scene.folder)
    #expect(evaluated.code == 0 && !evaluated.output.contains("\u{1B}"), "\(evaluated.errors)")
    #expect(try Program.run(["report", "--", directory], in: scene.folder).code == 0)
  }

  @Test func pathsThatAreTooLong() throws {
    let scene = Scene()
    for length in [256, 5_000, 100_000] {
      let name = length == 256 ? String(repeating: "n", count: 256) : String(repeating: "d/", count: length / 2)
      let outcome = try Program.run(["train", "--run", name] + Scene.training().dropFirst(3), in: scene.folder)
      #expect(outcome.code == 73 && outcome.ownErrors.count == 1 && outcome.errors.contains("File name too long"))
      let missing = try Program.run(["evaluate", "--checkpoint", name], in: scene.folder)
      #expect(missing.code == 65 && missing.ownErrors.count == 1)
    }
  }

  @Test func nothingSteersTheTerminal() throws {
    let scene = Scene()
    let bad = "\u{1B}[2J\r\u{9B}31m\u{202E}"
    let lines = [
      try Program.run(["train", "--recipe", bad], in: scene.folder), try Program.run(["train", "--set", "\(bad)=1"]),
      try Program.run(["train", "--data", bad], in: scene.folder), try Program.run(["evaluate", "--checkpoint", bad]),
      try Program.run(["report", bad]), try Program.run(["list", bad]),
    ]
    for outcome in lines {
      #expect(outcome.code != 0 && !outcome.errors.isEmpty)
      for scalar in "\u{1B}\r\u{9B}\u{202E}".unicodeScalars {
        #expect(!outcome.errors.unicodeScalars.contains(scalar), "\(outcome.errors)")
      }
    }
    try "# \u{202E}eltit\ntraining:\n  epochs: 1\n".write(
      toFile: scene.path("steering.yaml"), atomically: false, encoding: .utf8)
    let printed = try Program.run(["list", "recipes", "steering"], in: scene.folder)
    #expect(printed.code == 0 && !printed.output.contains("\u{202E}") && printed.output.contains("epochs: 1"))
  }

  // MARK: - Launchers

  @Test(arguments: [
    ["PMI_RANK": "1"], ["PMIX_RANK": "5"], ["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"],
    ["PMI_RANK": "3", "PMI_SIZE": "8"], ["SLURM_PROCID": "7", "SLURM_STEP_NUM_TASKS": "8"],
  ])
  func leftOverVariablesSilenceNothing(variables: [String: String]) throws {
    let scene = Scene()
    // Where they tell a number of ranks, what joins the ranks finds fewer.
    let joining: Int32 = variables.count > 1 ? 78 : 65
    for (command, code) in [
      (["list", "recipes", "nope"], 78), (["evaluate", "--checkpoint", "nowhere"], joining), (["train", "--nope"], 64),
      (["nothing"], 64),
    ] {
      let outcome = try Program.run(command, environment: variables, in: scene.folder)
      #expect(outcome.code == code && !outcome.errors.isEmpty, "\(command)")
    }
    #expect(try Program.run(["list"], environment: variables).output.contains("preactresnet18"))
    // Ranks that are not there are a line and a code; where nothing says how many there are, this is the only one.
    let training = try Program.run(Scene.training(), environment: variables, in: scene.folder)
    if variables.count > 1 {
      #expect(training.code == 78 && training.ownErrors.count == 1, "\(training.code) \(training.errors)")
    } else {
      #expect(training.code == 0 && training.errors.isEmpty, "\(training.code) \(training.errors)")
    }
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func theNameAloneTrainsUnderALauncher() throws {
    let scene = Scene()
    let settings = Scene.training().dropFirst()
    let outcome = try Program.runRanks([Array(settings), Array(settings)], in: scene.folder)
    #expect(outcome.code == 0 && outcome.output.contains("2 ranks of 1 thread"), "\(outcome.errors)")
    let alone = try Program.run([])
    #expect(alone.code == 0 && alone.output.contains("SUBCOMMANDS") && alone.errors.isEmpty)
    let failing = try Program.runRanks([["list", "recipes", "nope"], ["list", "recipes", "nope"]])
    #expect(failing.ownErrors.count == 1, "\(failing.errors)")
  }

  /// The end of a job that is over is named, and nothing else comes of it.
  @Test func aJobThatIsOver() throws {
    let scene = Scene()
    for _ in 1...3 {
      let outcome = try Program.run(
        Scene.training(), environment: ["SLURM_JOB_END_TIME": "1500000000", "SLURM_JOB_ID": "12"], in: scene.folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let log = try String(contentsOfFile: scene.path("run/log.txt"), encoding: .utf8)
    #expect(log.contains("SLURM_JOB_END_TIME=1500000000"))
  }
}
