// A scaling study from files made by hand, against figures worked out here.

import Failures
import Foundation
import Reports
import Scaling
import Testing

@Suite struct ScalingStudyTests {
  /// A measurement of bench step --machine: a step of ten images a second for each thread, less what is given.
  private static func file(
    ranks: Int, threads: Int = 1, hosts: Int = 1, batch: Int = 32, rate: Double, statistics: Double = 0,
    waiting: Double = 0, method: String = "fairtat", machine: Bool = true
  ) -> String {
    let step = Double(batch) / rate
    // Of what is left, three quarters attack, a quarter training, less a tenth of the step for the rest.
    let rest = 0.1 * step
    let passes = step - rest - waiting
    let facts =
      #""machine":{"cores":2,"bandwidth":2e9,"core_bandwidth":1e9,"cache":1e9,"floats":1000,"#
      + #""times":{"points":[{"images":1,"seconds":0.1}],"bandwidth":1e9,"cache":1e9}},"#
    return """
      {"benchmark":"step","method":"\(method)","model":"m","batch":\(batch),"attack_steps":3,"ranks":\(ranks),
      "threads":\(threads),"hosts":\(hosts),"processor":"p","build":"b",
      "images_per_second":{"median":\(rate),"least":\(rate),"greatest":\(rate)},
      "step_seconds":{"median":\(step),"least":\(step),"greatest":\(step)},
      "seconds":{"attack":\(0.75 * passes),"training":\(0.25 * passes),"statistics":\(statistics),"reduction":0,
      "waiting":\(waiting),"rest":\(rest)},\(machine ? facts : "")
      "work":{"batch":\(batch),"shard_size":8,"attack_forward":3,"attack_gradient":3,"views":1,
      "filters":[{"count":1,"tiles":4,"is_transformed":false,"group_images":8,"forward_bytes":100,"gradient_bytes":100}],
      "forward_bytes":100,"gradient_bytes":100,"weight_gradient_bytes":100,"parameters":0,"packed_bytes":200,
      "exchanges":0,"exchanged_doubles":0,"loops":0}}
      """
  }

  private static func study(_ files: String...) throws -> ScalingStudy {
    try ScalingStudy(
      files.enumerated().map { ("file \($0)", try ScalingMeasurement(json: Array($1.utf8))) })
  }

  /// One rank 10 ± sqrt(2) images/s; two ranks 16 of them: speed-up 1.6, efficiency 0.8.
  @Test func strong() throws {
    let study = try Self.study(
      Self.file(ranks: 2, rate: 16, statistics: 0.2, waiting: 0.1), Self.file(ranks: 1, rate: 9),
      Self.file(ranks: 1, rate: 11))
    #expect(!study.isWeak && study.title == "Strong scaling" && study.remarks.isEmpty)
    #expect(study.rows.map(\.layout) == [RankLayout(ranks: 1, threads: 1), RankLayout(ranks: 2, threads: 1)])
    let (one, two) = (study.rows[0], study.rows[1])
    #expect(one.imagesPerSecond.count == 2 && one.imagesPerSecond.mean == 10)
    #expect(one.imagesPerSecond.deviation == 2.0.squareRoot())
    #expect(one.speedUp == 1 && one.efficiency == 1)
    #expect(abs(two.speedUp - 1.6) < 1e-12 && abs(two.efficiency - 0.8) < 1e-12)
    // A step of 2 s: 0.2 the rest, 0.1 waiting; of the 1.7 s of passes 0.2 are exchanges, so 1.5 are left, three quarters and one.
    let expected = [1.125, 0.375, 0.2, 0, 0.1, 0.2]
    #expect(zip(two.phases, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    // The model takes the first row as it is. Its arithmetic halves, as what is made once for each image does; the filters are in
    // the caches, and of parameters there are none.
    #expect(abs(try #require(one.deviation)) < 1e-9)
    let (first, second) = (try #require(one.predicted), try #require(two.predicted))
    #expect(abs(second.attack / first.attack - 0.5) < 1e-9 && abs(second.rest / first.rest - 1) < 1e-9)
    let wanted = second.seconds / 2 - 1
    #expect(abs(try #require(two.deviation) - wanted) < 1e-9)
  }

  /// Twice the images on two threads in the time of one: speed-up 2.
  @Test func weak() throws {
    let study = try Self.study(
      Self.file(ranks: 1, batch: 16, rate: 10), Self.file(ranks: 1, threads: 2, batch: 32, rate: 20),
      Self.file(ranks: 2, batch: 32, rate: 15))
    #expect(study.isWeak && study.rows.map(\.batch) == [16, 32, 32])
    #expect(study.rows.map(\.speedUp) == [1, 2, 1.5] && study.rows.map(\.efficiency) == [1, 1, 0.75])
    let beyond = try #require(ScalingExtrapolation(study))
    #expect(beyond.estimates.last?.layout.ranks == 10_000 && beyond.estimates.last?.batch == 320_000)
    #expect(beyond.estimates.allSatisfy { $0.layout.threads == 2 && $0.layout.nodes == $0.layout.ranks })
  }

  /// Four shards feed four ranks.
  @Test func strongEndsAtTheShards() throws {
    let study = try Self.study(Self.file(ranks: 1, rate: 10), Self.file(ranks: 2, rate: 20))
    let beyond = try #require(ScalingExtrapolation(study))
    #expect(beyond.estimates.map(\.layout.ranks) == [1, 2, 4])
    #expect(beyond.table.markdown.contains("A batch of 32 has shards for no more ranks"))
  }

  @Test func withoutAMachineNothingIsPredicted() throws {
    let study = try Self.study(
      Self.file(ranks: 1, rate: 10, machine: false), Self.file(ranks: 2, rate: 20, machine: false))
    #expect(study.model == nil && study.rows.allSatisfy { $0.predicted == nil })
    #expect(ScalingExtrapolation(study) == nil)
    #expect(study.table.markdown.contains("| 2 x 1"))
    #expect(WellFormed(ScalingPage(study, nil).html) != nil)
  }

  @Test func whatIsOfAnotherMethodIsLeftOut() throws {
    let study = try Self.study(Self.file(ranks: 1, rate: 10), Self.file(ranks: 2, rate: 20, method: "trades"))
    #expect(study.rows.count == 1 && study.remarks.map(\.text).contains { $0.contains("file 1 is left out") })
  }

  @Test func oneLayoutWithTwoBatchesIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try Self.study(Self.file(ranks: 2, batch: 16, rate: 10), Self.file(ranks: 2, batch: 32, rate: 20))
    }
    #expect(failure?.code == .badData && failure?.message.contains("batches of 16 and 32") == true)
    #expect(throws: Failure.self) { try Self.study() }
  }

  @Test(arguments: [
    (#""ranks":2"#, #""ranks":0"#, "ranks is 0"), (#""ranks":2"#, #""ranks":5"#, "ranks are 5, shards 4"),
    (#""hosts":1"#, #""hosts":3"#, "hosts are 3"), (#""benchmark":"step""#, #""benchmark":"kernels""#, "not step"),
    (#""seconds":0.1}]"#, #""seconds":0.1},{"images":1,"seconds":1}]"#, "machine.times"),
    (#""points":[{"images":1,"seconds":0.1}]"#, #""points":[]"#, "machine.times"),
    (#""group_images":8"#, #""group_images":0"#, "work.filters"),
    (#""bandwidth":2e9"#, #""bandwidth":0"#, "bandwidth is 0"),
    (#""loops":0"#, #""loops":-1"#, "work.loops"), (#""batch":32,"shard"#, #""batch":31,"shard"#, "work.batch is 31"),
    (#""threads":1"#, #""threds":1"#, "threads is missing"),
  ])
  func filesThatCannotBe(old: String, new: String, part: String) {
    let text = Self.file(ranks: 2, rate: 16).replacing(old, with: new)
    let failure = #expect(throws: Failure.self) { try ScalingMeasurement(json: Array(text.utf8)) }
    #expect(failure?.code == .badData && failure?.message.contains(part) == true, "\(failure?.message ?? "")")
  }

  @Test func everyForm() throws {
    let study = try Self.study(
      Self.file(ranks: 1, rate: 10), Self.file(ranks: 2, rate: 16), Self.file(ranks: 4, rate: 17),
      Self.file(ranks: 1, threads: 2, rate: 18))
    let beyond = try #require(ScalingExtrapolation(study))
    let markdown = study.table.markdown
    // Four ranks on two cores take turns.
    #expect(markdown.contains("| 4 x 1*") && markdown.contains("\\* More threads than cores"))
    #expect(markdown.contains("1.60") && markdown.contains("80.0"))
    let lines = study.csv.split(separator: "\n").map { CSV.fields(String($0)) }
    #expect(lines.count == 5 && Set(lines.map(\.count)).count == 1)
    #expect(lines[3][1...4] == ["2", "1", "1", "32"] && lines[4].last == "1")
    let object = try JSONSerialization.jsonObject(with: Data(try study.json(beyond).utf8)) as? [String: Any]
    let rows = try #require(object?["rows"] as? [[String: Any]])
    #expect(rows.count == 4 && rows[2]["speed_up"] as? Double == 1.6)
    #expect((object?["extrapolation"] as? [Any])?.count == 3)
    let page = try #require(WellFormed(ScalingPage(study, beyond).html))
    #expect(page.all("svg").count == 4 && page.all("h2").count == 4)
  }

  /// The line of the ideal goes from the first layout's speed to as many times that as there are threads: here to twice it, at the
  /// right end of the axis. Two ranks at 16 images/s lie at four fifths of that height.
  @Test func idealLine() throws {
    let study = try Self.study(Self.file(ranks: 1, rate: 10), Self.file(ranks: 2, rate: 16))
    let chart = ScalingPage(study, nil).speed
    #expect(chart.y.range == 0...20 && chart.x.range == 1...2)
    let drawing = try #require(WellFormed(chart.svg.source))
    let lines = drawing.all("polyline").compactMap { line -> (String, [[Double]])? in
      let corners = line.attributes["points"]?.split(separator: " ").map { corner in
        corner.split(separator: ",").compactMap { Double($0) }
      }
      return corners.map { (line.text, $0) }
    }
    let ideal = try #require(lines.first { $0.0 == "ideal" }).1
    let measured = try #require(lines.first { $0.0 == "measured" }).1
    // The plot lies between 14 and 258.
    #expect(ideal.map { $0[1] } == [136, 14] && measured.map { $0[1] } == [136, 62.8])
    #expect(ideal.map { $0[0] } == measured.map { $0[0] })
    #expect(WellFormed(ScalingPage(study, nil).svg) != nil)
  }
}
