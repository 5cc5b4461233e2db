// `fairtat-dist doctor`.

import ArgumentParser
import CPlatform
import Communication
import Failures
import Foundation
import Platform
import Reports

/// The subcommand `doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Judge what a run would find here: launch, ranks, cores, speed, layout, memory.",
    discussion: """
      Start it as the run will be started. Every line is ok, a note, a warning (it would work, but worse than it could) \
      or an error (it would not start); then the exit code is the one of the run. Takes some five seconds.

        fairtat-dist doctor
        mpirun -np 8 fairtat-dist doctor --expect-ranks 8
      """)

  @Flag(help: "Print JSON: for each key its value, judgement and advice.")
  var json = false

  @OptionGroup var ranks: RankOptions
  @OptionGroup var threads: ThreadOptions

  func run() throws {
    try CommandOutcome.run {
      try Self.execute(DoctorOptions(printsJSON: json, expectedRanks: ranks.expectRanks, threads: threads.count))
    }
  }

  /// Gathers the facts of all ranks; rank 0 judges and prints.
  ///
  /// - Throws: `Failure` with the first error's code, once all is printed.
  static func execute(_ options: DoctorOptions) throws {
    platform_set_rounding()
    // Of ranks that do not know each other each is a rank 0: the launcher's first one speaks.
    let report = { (error: any Error) in if Launch.ofThisProcess.speaks { CommandOutcome.report(error) } }
    try World.run(checksRanks: false, report: report) { communicator in
      let diagnosis = try examine(communicator, options)
      try communicator.onRoot {
        let findings = diagnosis.findings()
        if Launch.ofThisProcess.speaks { try StandardStream.output.write(text(findings, options)) }
        let errors = findings.filter { $0.judgement == .error }
        if let first = errors.first { throw Failure(first.code, "\(first.key): \(first.advice)") }
      }
    }
  }

  /// Measures on all ranks, then on rank 0 alone; a call of all ranks.
  private static func examine(_ communicator: any Communicator, _ options: DoctorOptions) throws -> Diagnosis {
    var own = RankFacts(communicator)
    let capability = try communicator.minimum(own.capability)
    let core = platform_blas_core_name(Int32(capability)).map { String(cString: $0) } ?? ""
    let failure = platform_blas_load(core).map { String(cString: $0) }
    let hasBLAS = !String(cString: platform_blas_config()).isEmpty
    try communicator.barrier()
    own.speed = Speed.measured(hasBLAS: hasBLAS)
    try communicator.barrier()
    var alone = own.speed
    if communicator.size > 1 {
      // Who waits in MPI keeps a core busy: the others sleep until rank 0 is done, or nearly.
      if communicator.rank == 0 { alone = Speed.measured(hasBLAS: hasBLAS) } else { sleep(Speed.seconds + 0.1) }
    }
    let layouts = try LayoutFacts.measured(communicator, threads: options.threads)
    let ranks = try communicator.allGather(coded: own)
    let launch = Launch.ofThisProcess
    var launchFailure: Failure?
    do {
      try launch.check(size: communicator.size, expectedRanks: options.expectedRanks, library: MPILibrary.name)
    } catch let error as Failure {
      launchFailure = error
    }
    return Diagnosis(
      ranks: ranks, options: options, launch: launch, launchFailure: launchFailure, library: MPILibrary.name,
      threadLevel: MPILibrary.threadLevel, blasCore: core, blasFailure: failure,
      blasConfiguration: String(cString: platform_blas_config()), aloneSpeed: alone, layouts: layouts)
  }

  private static func sleep(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }

  private static func text(_ findings: [Finding], _ options: DoctorOptions) throws -> String {
    if options.printsJSON {
      let object = Dictionary(uniqueKeysWithValues: findings.map { ($0.key, $0) })
      return PlainText.lines(try JSONEncoder.pretty().text(object))
    }
    var table = TextTable(["what", "judged", "found"])
    for finding in findings {
      table.add(
        [finding.key, finding.judgement.rawValue, finding.value.text], highlighted: finding.judgement >= .warning)
    }
    let told = findings.filter { !$0.advice.isEmpty }
      .map { PlainText.line("\($0.judgement) \($0.key): \($0.advice)") + "\n" }
    let worst = findings.map(\.judgement).max() ?? .ok
    let verdict = worst == .error ? "a run would not start like this" : "a run can start like this"
    return table.text(colour: TextTable.colourIsWelcome) + (told.isEmpty ? "" : "\n" + told.joined())
      + "\n\(verdict)\n"
  }
}
