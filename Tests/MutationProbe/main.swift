// What MutationTests starts: reads thousands of damaged files of a run, one after the other, the way the program does.
//
//   mutation-probe KIND RUN SCRATCH SEED FIRST COUNT
//
// RUN is a finished run; SCRATCH a folder where the damaged files lie. Before each mutation its number is written to
// SCRATCH/number, so that whoever finds this process dead knows which one it was; one that takes over a minute is
// ended by SIGALRM. In the end it says how many files were refused and how many believed.

import Failures
import Foundation
import Mutation

let arguments = CommandLine.arguments
guard arguments.count == 7, let seed = UInt64(arguments[4]), let first = Int(arguments[5]),
  let count = Int(arguments[6])
else {
  print("usage: mutation-probe KIND RUN SCRATCH SEED FIRST COUNT")
  exit(64)
}
do {
  let subject = try Subject.named(arguments[1], run: arguments[2], scratch: arguments[3])
  let mutator = Mutator(seed: seed)
  let status = open(arguments[3] + "/number", O_CREAT | O_TRUNC | O_WRONLY, 0o644)
  var (refused, believed) = (0, 0)
  for number in first..<first + count {
    let text = Array("\(number)\n".utf8)
    guard pwrite(status, text, text.count, 0) == text.count else { exit(74) }
    alarm(60)
    if try subject.reads(mutator, number) { believed += 1 } else { refused += 1 }
  }
  print("\(refused) refused, \(believed) believed")
} catch {
  print("mutation-probe: \(error)")
  exit(70)
}
