// What the tests start under mpirun: the checks of every collective and of the tree sums, and the ways a run can end.
//
// Arguments: checks | one-throws | all-throw | differ | time, then --expect-ranks N or --local N (threads).

import Communication
import CommunicationChecks
import Failures
import Glibc
import LocalRanks

func option(_ name: String) -> Int? {
  guard let at = CommandLine.arguments.firstIndex(of: name), at + 1 < CommandLine.arguments.count else { return nil }
  return Int(CommandLine.arguments[at + 1])
}

func say(_ error: any Error) {
  let line = Array("error: \(error)\n".utf8)
  write(2, line, line.count)
}

let mode = CommandLine.arguments.dropFirst().first ?? "checks"

let body: @Sendable (any Communicator) throws -> Void = { group in
  switch mode {
  case "one-throws":
    if group.rank == group.size - 1 { throw Failure(.badData, "rank \(group.rank) cannot read its data") }
    try group.barrier()
  case "all-throw": throw Failure(.requeue, "checkpoint written, please requeue")
  case "differ": try group.agree(on: group.rank == 1 ? "b" : "a", what: "the recipe")
  case "time": try Timing.run(group)
  default:
    try CollectiveChecks.run(group)
    let digest = try TreeChecks.run(group)
    if group.rank == 0 { print("ranks \(group.size) digest \(digest)") }
  }
}

do {
  if let threads = option("--local") {
    _ = try LocalGroup.run(size: threads, body)
  } else {
    try World.run(expectedRanks: option("--expect-ranks"), grace: 1, report: say, body)
  }
} catch let error as Reported {
  exit(error.code.rawValue)
} catch {
  say(error)
  exit(1)
}
