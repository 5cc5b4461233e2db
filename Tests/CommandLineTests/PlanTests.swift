import Foundation
import Testing

/// `plan` against figures worked by hand.
@Suite(.serialized) struct PlanTests {
  private static func plan(_ arguments: String..., launched ranks: Int = 1) throws -> [String: Any] {
    let scene = Scene()
    let all = ["plan", "--json", scene.path("plan.json")] + arguments
    let outcome = try ranks == 1 ? Program.run(all) : Program.runRanks(Array(repeating: all, count: ranks))
    #expect(outcome.code == 0 && outcome.ownErrors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.components(separatedBy: "parameters").count == 2)
    let data = try Data(contentsOf: URL(fileURLWithPath: scene.path("plan.json")))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  @Test func fullWidthOfThePaper() throws {
    let plan = try Self.plan("--recipe", "cifar10-preactresnet18-fairtat", "--ranks", "16", "--threads", "4")
    #expect(plan["parameters"] as? Int == 11_172_170)
    #expect(plan["train_images"] as? Int == 49_000 && plan["validation_images"] as? Int == 1_000)
    #expect(plan["steps_per_epoch"] as? Int == 383)
    let flops = try #require(plan["flops"] as? [String: Int])
    #expect(flops["forward"] == 2 * 555_422_720 && flops["attack_passes"] == 20)
    #expect(flops["image"] == 2 * (23 * 555_422_720 - 1_769_472))
    #expect(flops["step"] == 128 * flops["image"]!)
    let shards = try #require(plan["shards"] as? [String: Int])
    #expect(shards == ["count": 16, "size": 8, "least": 1, "most": 1])
    let wire = try #require(plan["wire"] as? [String: Int])
    #expect(wire["small_exchanges"] == 374)
    // One subtree a rank and its part of the total, of 11,172,176 Floats with gaps: 15/16 of each is sent.
    #expect(wire["gradient_bytes"] == 2 * 4 * 11_172_176 / 16 * 15)
    // 61·64 channels: 2C + 1 Doubles forward and 2C backward in 17 layers and 11 passes, to 15 others.
    #expect(wire["statistics_bytes"] == 8 * 11 * (4 * 61 * 64 + 17) * 15)
    let memory = try #require(plan["memory"] as? [String: Int])
    // docs/performance.md, less 24·H·W for images and adversaries; pooled features, their gradient and logits beside it.
    #expect(memory["example"] == (46 * 64 + 36 - 24) * 1024 + 1952 * 64 + 272 + 4 * (2 * 512 + 10))
    let checkpoints = try #require(plan["checkpoints"] as? [String: Int])
    #expect(checkpoints["bytes"] == 4 * 4 * 11_172_176 && checkpoints["disk"] == 4 * 4 * 4 * 11_172_176)
    let time = try #require(plan["time"] as? [String: Any])
    // Eight images on four threads: passes of one image and of two were timed.
    let passes = try #require(time["passes"] as? [[String: Any]])
    #expect(passes.compactMap { $0["images"] as? Int } == [1, 2])
    #expect((time["measured"] as? [String: Any])?["seconds"] as? Double == passes[1]["seconds"] as? Double)
    let estimate = try #require(time["estimate"] as? [String: Any])
    let phases = ["attack", "training", "statistics", "reduction", "rest"].compactMap { estimate[$0] as? Double }
    #expect(phases.count == 5 && abs((time["step"] as? Double ?? .nan) - phases.reduce(0, +)) < 1e-9)
  }

  /// Two ranks of 32 threads on each node of 64 cores; the layouts beside it give every core of the eight nodes a thread.
  @Test func nodesThatAreTold() throws {
    let plan = try Self.plan(
      "--set", "model.width=8", "--node", "cores=64,bandwidth=450GB/s", "--network", "latency=2us,bandwidth=12GB/s",
      "--ranks", "16", "--threads", "32")
    let time = try #require(plan["time"] as? [String: Any])
    let node = try #require(time["node"] as? [String: Double])
    #expect(node["cores"] == 64 && node["bandwidth"] == 450e9 && node["network_bandwidth"] == 12e9)
    let layout = try #require((time["estimate"] as? [String: Any])?["layout"] as? [String: Int])
    #expect(layout == ["ranks": 16, "threads": 32, "nodes": 8])
    let layouts = try #require(plan["layouts"] as? [[String: Any]]).compactMap { $0["layout"] as? [String: Int] }
    // 16 shards: one or two ranks a node.
    #expect(Set(layouts.compactMap { $0["ranks"] }) == [8, 16] && layouts.allSatisfy { $0["nodes"] == 8 })
  }

  @Test(arguments: [
    (["--node", "cores=64,bandwidth=450"], 64, "takes a number with its unit such as 450GB/s"),
    (["--network", "latency=fast"], 64, "latency is 'fast'"), (["--node", "cpus=4"], 64, "'cpus=4' is none"),
    (["--node", "cores=4", "--threads", "8"], 78, "a rank of 8 threads does not fit on a node of 4 cores"),
  ])
  func factsThatCannotBe(arguments: [String], code: Int32, part: String) throws {
    let outcome = try Program.run(["plan", "--set", "model.width=8"] + arguments)
    #expect(outcome.code == code && outcome.errors.contains(part), "\(outcome.errors)")
  }

  @Test func runningStatisticsInTheAttackSaveExchanges() throws {
    let plan = try Self.plan(
      "--set", "model.width=8", "--set", "attack.batch-statistics=running", "--ranks", "2", "--threads", "1")
    #expect((plan["wire"] as? [String: Int])?["small_exchanges"] == 34)
    #expect((plan["warnings"] as? [String])?.isEmpty == true)
  }

  @Test(arguments: [
    (["--ranks", "5"], "some have 4, others 3"),
    (["--ranks", "4", "--set", "training.batch-size=100"], "the last shard of a batch of 100 has 4 images"),
    (
      ["--ranks", "4", "--set", "data.train-count=150"],
      "the last batch of an epoch has 12 images in 2 shards: 2 ranks"
    ),
  ])
  func warnsOf(arguments: [String], part: String) throws {
    let outcome = try Program.run(["plan", "--set", "model.width=8", "--threads", "1"] + arguments)
    #expect(
      outcome.code == 0 && outcome.output.contains("warning: ") && outcome.output.contains(part), "\(outcome.output)")
  }

  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func launchedRanksAreTheRanks() throws {
    let plan = try Self.plan("--set", "model.width=8", "--threads", "1", launched: 2)
    #expect(plan["ranks"] as? Int == 2)
  }

  @Test(arguments: [(17, 16), (1_000_000, 16), (1_000_000_000, 16)])
  func moreRanksThanShardsAreRefusedAtOnce(ranks: Int, shards: Int) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try Program.run("plan", "--ranks", "\(ranks)", "--threads", "3")
    #expect(outcome.code == 78 && outcome.ownErrors.count == 1)
    #expect(
      outcome.ownErrors.first?.contains(
        "\(ranks) ranks, but a batch of 128 has only 16 logical shards: start at most \(shards) ranks") == true)
    #expect(clock.now - start < .seconds(60))
  }

  /// As many ranks as there can be; what is left is the pass that is measured, of one image.
  @Test func aMillionRanks() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let plan = try Self.plan(
      "--ranks", "1000000", "--threads", "1", "--set", "training.batch-size=1000000", "--set",
      "training.shards=1000000", "--set", "model.width=4", "--set", "data.size=16")
    #expect(clock.now - start < .seconds(60))
    #expect(plan["shards"] as? [String: Int] == ["count": 1_000_000, "size": 1, "least": 1, "most": 1])
  }

  /// 16 shards on 5 ranks: 3, 3, 3, 3 and 4 of them, from 0, 3, 6, 9 and 12 on. Three are two subtrees wherever they begin
  /// here, four are one: at most three times four fifths of the gradient are sent.
  @Test func whatRanksNeedIsCountedByRank() throws {
    let plan = try Self.plan("--ranks", "5", "--threads", "1", "--set", "model.width=8")
    let parameters = try #require(plan["parameters"] as? Int)
    let wire = try #require(plan["wire"] as? [String: Int])
    let gradient = try #require(wire["gradient_bytes"])
    #expect(abs(Double(gradient) / (4 * 3 * 0.8 * Double(parameters)) - 1) < 0.01)
    let memory = try #require(plan["memory"] as? [String: Int])
    let (largest, all) = (try #require(memory["largest_rank"]), try #require(memory["all_ranks"]))
    #expect(all < 5 * largest && all > 4 * largest)
  }

  @Test func badRecipesEndWith78() throws {
    let outcome = try Program.run("plan", "--set", "model.widht=8")
    #expect(outcome.code == 78 && outcome.errors.contains("did you mean model.width"))
  }
}
