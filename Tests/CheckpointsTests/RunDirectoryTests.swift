import Checkpoints
import Failures
import Foundation
import Testing

@Suite struct RunDirectoryTests {
  let scratch = Scratch()

  @Test func names() throws {
    let run = RunDirectory(scratch.file("runs/small-seed1"))
    try run.create()
    try run.create()
    #expect(run.metrics == scratch.file("runs/small-seed1/metrics.jsonl"))
    #expect(run.checkpoints == scratch.file("runs/small-seed1/checkpoints"))
    #expect(
      [run.recipe, run.environment, run.classes, run.report, run.log, run.lock].map {
        ($0 as NSString).lastPathComponent
      }
        == ["recipe.resolved.yaml", "environment.json", "classes.csv", "report.html", "log.txt", "lock"])
    #expect(try scratch.names("runs/small-seed1") == ["checkpoints"])
  }

  @Test func aFileInTheWayIsOneLine() throws {
    try scratch.write("file", [1])
    for path in ["file", "file/run"] {
      #expect { try RunDirectory(scratch.file(path)).create() } throws: { error in
        (error as? Failure)?.code == .cannotCreate && "\(error)".contains(scratch.file("file"))
          && "\(error)".contains("--run")
      }
    }
  }
}
