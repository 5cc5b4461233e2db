// Files that no run writes: the line is named, a page is made of the rest, nothing traps.

import Foundation
import Reports
import Testing

@Suite struct HostileFileTests {
  /// Lines with what is said about them.
  static let lines: [(line: String, reason: String)] = [
    (#"{"kind":"epoch","epoch":2,"step":0}"#, "step is 0, not a count from 1 on"),
    (#"{"kind":"epoch","epoch":7,"step":3}"#, "step is 3 in epoch 7, but an epoch has a step at least"),
    (#"{"kind":"epoch","epoch":-1,"step":3}"#, "epoch is -1, not in 0...100000000"),
    (#"{"kind":"epoch","epoch":9223372036854775807,"step":9223372036854775807}"#, "epoch is 9223372036854775807"),
    (#"{"kind":"epoch","epoch":0,"step":9223372036854775807}"#, "step is 9223372036854775807, not a count"),
    (#"{"kind":"epoch","epoch":0,"step":4,"targets":[1,9223372036854775807]}"#, "targets[1] is 9223372036854775807"),
    (
      #"{"kind":"epoch","epoch":0,"step":4,"train":{"class_count":[4,-4],"class_correct":[1,1]}}"#,
      "train.class_count[1] is -4"
    ),
    (#"{"kind":"epoch","epoch":0,"step":4,"prior":[0.5,0.25,0.25]}"#, "prior has 3 classes, what stands before it 2"),
    (#"{"kind":"epoch","epoch":0,"step":4,"prior":[]}"#, "prior has 0 classes"),
    (#"{"kind":"epoch","epoch":0,"step":4,"cfp":[0.5,1.5]}"#, "cfp[1] is 1.5, not a number in 0.0...1.0"),
    (#"{"kind":"epoch","epoch":0,"step":4,"margins255":[-4,2]}"#, "margins255[0] is -4.0"),
    (#"{"kind":"epoch","epoch":0,"step":4,"accepted":{"ema":-1}}"#, "accepted.ema is -1"),
    (
      #"{"kind":"epoch","epoch":0,"step":4,"test":{"raw":{"robust_accuracy":-0.1}}}"#,
      "test.raw, robust accuracy, is -0.1"
    ),
    (
      #"{"kind":"epoch","epoch":0,"step":4,"validation":{"raw":{"class_clean":[1,1,1]}}}"#,
      "validation.raw.class_clean has 3 classes"
    ),
    (#"{"kind":"epoch","epoch":0,"step":4,"train":{"loss":"NaN"}}"#, "train.loss is no such value"),
    (#"{"kind":"epoch","epoch":0.5,"step":4}"#, "it is no JSON object"),
    (#"{"kind":"epoch","step":4}"#, "epoch is missing"),
    (#"{"kind":"step","epoch":0,"step":-3}"#, "step is -3"),
    (#"{"kind":"step","epoch":0,"step":1,"learning_rate":-1}"#, "learning_rate is -1.0"),
    (#"{"kind":"step","epoch":0,"step":1,"loss":1e200}"#, "loss is 1e+200"),
    (#"{"kind":"step","epoch":0,"step":1,"seconds":{"attack":-2}}"#, "seconds.attack is -2.0"),
    (#"["kind","epoch"]"#, "it is no JSON object"),
    ("\u{0}{\u{0}}\u{0}", "it is not UTF-8 text"),
    (String(repeating: "[", count: 200_000), "it is no JSON object"),
    ("{\"kind\":" + String(repeating: "{\"a\":", count: 100_000), "it is no JSON object"),
    (#"{"kind":"epoch","epoch":0,"step":4"#, "it is no JSON object"),
  ]

  @Test(arguments: lines.indices) func aLineIsNamed(index: Int) throws {
    let (line, reason) = Self.lines[index]
    let first = MadeUpRun.epoch(0, best: true)
    let run = RunRecord(path: "runs/x", metrics: first + "\n\n" + line + "\n" + MadeUpRun.epoch(1) + "\n")
    let fault = try #require(run.log.fault, "\(line.prefix(80))")
    #expect(fault.line == 3 && fault.reason.contains(reason), "\(fault.reason)")
    #expect(run.damage?.hasPrefix("runs/x/metrics.jsonl:3: ") == true && run.obstacle?.hasPrefix("damaged: ") == true)
    // The other lines are there.
    #expect(run.log.epochs.map(\.epoch) == [0, 1] && run.log.unreadable == 1)
    #expect(WellFormed(RunPage(run).html) != nil)
  }

  @Test func bytesThatAreNoText() throws {
    let bytes =
      Array((MadeUpRun.epoch(0) + "\n").utf8) + [0x7B, 0xC3, 0x28, 0xFF, 0x0A] + Array(MadeUpRun.epoch(1).utf8)
    let log = MetricsLog(bytes)
    #expect(log.fault?.line == 2 && log.fault?.reason == "it is not UTF-8 text" && log.epochs.count == 2)
  }

  @Test func aLineWithoutItsEndIsNoDamage() {
    let cut = MadeUpRun.run(metrics: MadeUpRun.metrics + "{\"kind\":\"epo")
    #expect(cut.damage == nil && cut.log.unreadable == 1 && cut.obstacle == nil)
    // With its end, somebody wrote it.
    #expect(MadeUpRun.run(metrics: MadeUpRun.metrics + "{\"kind\":\"epo\n").damage != nil)
  }

  @Test func valuesAtTheEdgesAreDrawn() throws {
    for rate in ["0", "5e-324", "1e-99", "9e98"] {
      let steps = (1...3).map {
        #"{"kind":"step","epoch":0,"step":\#($0 * 9007199254740),"loss":\#(rate),"learning_rate":\#(rate)}"#
      }
      let run = RunRecord(path: "x", metrics: (steps + [MadeUpRun.epoch(0)]).joined(separator: "\n"))
      #expect(run.damage == nil)
      #expect(WellFormed(RunPage(run).html) != nil, "\(rate)")
    }
  }

  @Test func theOtherFiles() throws {
    let metrics = MadeUpRun.metrics
    func damage(recipe: String = "", environment: String = "") -> String? {
      let run = RunRecord(path: "r", metrics: metrics, recipe: recipe, environment: environment)
      #expect(WellFormed(RunPage(run).html) != nil)
      return run.damage
    }
    #expect(damage() == nil && damage(recipe: "a: 1", environment: "{}") == nil)
    #expect(damage(environment: "{\"hosts\":[1]}") == "r/environment.json: hosts.Index 0 is no such value")
    #expect(damage(environment: "nothing") == "r/environment.json: it is no JSON object")
    #expect(damage(recipe: "a: 1\nb: [2\n")?.hasPrefix("r/recipe.resolved.yaml:") == true)
    let laughs = (1...9).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x]\n") { text, level in
      let items = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      return text + "a\(level): &a\(level) [\(items)]\n"
    }
    #expect(damage(recipe: laughs) == "r/recipe.resolved.yaml:2: recipes have no aliases (*name): write the value out")
    for deep in ["[", "{a: ", "- ", "? ", "a:\n" + String(repeating: " ", count: 3_000) + "- "] {
      #expect(damage(recipe: String(repeating: deep, count: 3_000)) != nil, "\(deep)")
    }
    #expect(damage(recipe: String(repeating: "a: 1\n", count: 300_000))?.contains("more than a recipe has") == true)
    // An ampersand, or a star, alone is text.
    #expect(damage(recipe: "a: x & y # *see* & *this\nb: 'a * b'\n") == nil)
  }

  @Test func manyHosts() {
    let hosts = (0..<50_000).map { "\"h\($0)\"" }.joined(separator: ",")
    let run = RunRecord(path: "x", metrics: "", environment: "{\"hosts\":[\(hosts)]}")
    #expect(run.environment?.ranksByHost.count == 50_000)
  }
}
