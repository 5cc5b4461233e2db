import Checkpoints
import Failures
import Foundation
import Testing

@Suite struct LineLogTests {
  let scratch = Scratch()
  var path: String { scratch.file("metrics.jsonl") }

  @Test func appendsWholeLines() throws {
    do {
      let log = try LineLog(path)
      try log.append("one")
      #expect(try scratch.text("metrics.jsonl") == "one\n")
      try log.append("")
      #expect(throws: Failure.self) { try log.append("two\nthree") }
      try log.sync()
    }
    try LineLog(path).append("zwei")
    #expect(try scratch.text("metrics.jsonl") == "one\n\nzwei\n")
  }

  @Test func endsALineThatAKillCutOff() throws {
    try scratch.write("metrics.jsonl", Array("one\nha".utf8))
    try LineLog(path).append("two")
    #expect(try scratch.text("metrics.jsonl") == "one\nha\ntwo\n")
  }

  @Test func cutsBackToAStep() throws {
    let kept = """
      {"kind":"step","epoch":0,"step":50,"loss":2.25}
      {"kind":"note"}
      {"kind":"epoch","epoch":0,"step":98}
      {"kind":"step","epoch":1,"step":100}

      """
    let cut = """
      {"kind":"step","epoch":1,"step":150}
      {"kind":"note"}
      {"kind":"epoch","epoch":1,"step":196}

      """
    try scratch.write("metrics.jsonl", Array((kept + cut + "{\"kind\":\"step\",\"step\":20").utf8))
    let result = try LineLog.cutJSON(path, after: 100)
    #expect(result == LineLog.Cut(kept: 4, moved: 4, aside: path + ".cut-1"))
    #expect(try scratch.text("metrics.jsonl") == kept)
    #expect(try scratch.text("metrics.jsonl.cut-1") == cut + "{\"kind\":\"step\",\"step\":20\n")
    // Again: nothing to do.
    #expect(try LineLog.cutJSON(path, after: 100) == LineLog.Cut(kept: 4, moved: 0, aside: nil))
    // The line of an epoch at its own step, where its end is yet to come; not the step's.
    #expect(try LineLog.cutJSON(path, after: 100, andAt: "epoch").moved == 0)
    #expect(try LineLog.cutJSON(path, after: 98, andAt: "step").moved == 1)
    #expect(try LineLog.cutJSON(path, after: 98, andAt: "epoch").moved == 1)
    #expect(try LineLog.cutJSON(path, after: 40).moved == 2)
    #expect(try scratch.names() == ["metrics.jsonl"] + (1...4).map { "metrics.jsonl.cut-\($0)" })
  }

  @Test func cutsEveryTornTail() throws {
    let whole = "{\"step\":1}\n{\"step\":2,\"text\":\"ä\"}\n"
    let bytes = Array(whole.utf8)
    for length in 0...bytes.count {
      try scratch.write("log", bytes.prefix(length))
      let result = try LineLog.cutJSON(scratch.file("log"), after: 9)
      let lines = bytes.prefix(length).filter { $0 == UInt8(ascii: "\n") }.count
      #expect(result.kept == lines)
      let end = (bytes.prefix(length).lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
      #expect(try scratch.bytes("log") == Array(bytes.prefix(end)))
      if let aside = result.aside { try FileManager.default.removeItem(atPath: aside) }
    }
  }

  @Test func damagedLinesAreMoved() throws {
    try scratch.write("metrics.jsonl", Array("{\"step\":1}\n\u{0}\u{0}\n[1]\n{\"step\":2}\n".utf8))
    #expect(try LineLog.cutJSON(path, after: 9).moved == 2)
    #expect(try scratch.text("metrics.jsonl") == "{\"step\":1}\n{\"step\":2}\n")
  }

  @Test func cutsByAClosure() throws {
    try scratch.write("classes.csv", Array("epoch,class,robust\n0,cat,0.25\n1,cat,0.5\n2,cat,0.5".utf8))
    let result = try LineLog.cut(scratch.file("classes.csv")) { line in
      Int(line.prefix { $0 != "," }).map { $0 <= 0 } ?? true
    }
    #expect(result == LineLog.Cut(kept: 2, moved: 2, aside: scratch.file("classes.csv.cut-1")))
    #expect(try scratch.text("classes.csv") == "epoch,class,robust\n0,cat,0.25\n")
  }

  @Test func aMissingLogIsNoError() throws {
    #expect(try LineLog.cutJSON(path, after: 3) == LineLog.Cut())
    #expect { _ = try LineLog(scratch.file("no/log")) } throws: { ($0 as? Failure)?.code == .cannotCreate }
  }
}
