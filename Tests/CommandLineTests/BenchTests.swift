import Foundation
import Testing

/// `bench` as a user starts it, with settings that take a moment.
@Suite(.serialized) struct BenchTests {
  /// Runs a command with `--json` and returns what the file says.
  private static func figures(_ arguments: [String], ranks: Int = 1) throws -> [String: Any] {
    let scene = Scene()
    let all = arguments + ["--json", scene.path("figures.json")]
    let outcome = try ranks == 1 ? Program.run(all) : Program.runRanks(Array(repeating: all, count: ranks))
    #expect(outcome.code == 0 && outcome.ownErrors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("---") && !outcome.output.contains("\u{1B}"))
    let data = try Data(contentsOf: URL(fileURLWithPath: scene.path("figures.json")))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  private static let ranks = Program.hasRanks ? [1, 2] : [1]

  @Test(arguments: ranks) func stepTimesWholeSteps(ranks: Int) throws {
    let figures = try Self.figures(
      [
        "bench", "step", "--width", "8", "--batch", "16", "--steps", "2", "--threads", "1", "--expect-ranks",
        "\(ranks)",
      ], ranks: ranks)
    for key in [
      "method", "model", "batch", "convolution", "processor", "build", "threads", "startup_seconds", "memory",
      "peak_gflops", "peak_share",
    ] { #expect(figures[key] != nil, "\(key)") }
    #expect(figures["ranks"] as? Int == ranks && figures["steps"] as? Int == 2)
    #expect(figures["small_exchanges"] as? Int == 374)
    let images = try #require(figures["images_per_second"] as? [String: Double])
    #expect(images["least"]! > 0 && images["least"]! <= images["median"]! && images["median"]! <= images["greatest"]!)
    let seconds = try #require(figures["seconds"] as? [String: Double])
    #expect(Set(seconds.keys) == ["attack", "training", "statistics", "reduction", "waiting", "rest"])
    // A 3x3 layer of 8 channels on 1024 pixels, and of twice the channels on a quarter of the pixels; the first of a
    // stage has half of the input channels, beside it a 1x1 layer. Then the first layer and the linear one.
    let unit = 9 * 8 * 8 * 1024
    let stage = unit / 2 + 3 * unit + 8 * 16 * 256
    let forward = 27 * 8 * 1024 + 4 * unit + 3 * stage + 64 * 10
    #expect(figures["step_flops"] as? Int == 16 * 2 * (23 * forward - 27 * 8 * 1024))
    // 8 channels are too few for transforms in vectors of 16, and are none where these have 8: packed filters are read for every
    // image of the first stage at least. Over a thousand loops of 22 passes and a weight gradient.
    #expect(figures["filter_bytes"] as? Double ?? 0 > 16 * 22 * Double(4 * 9 * 8 * 8))
    #expect(figures["parallel_loops"] as? Int ?? 0 > 22 * 17 && figures["hosts"] as? Int == 1)
    #expect(figures["machine"] == nil)
    let memory = try #require(figures["memory"] as? [String: Int])
    #expect(memory["proportional"] ?? .max > 1 << 20 && memory["peak_resident"] ?? .max > 1 << 20)
  }

  @Test func kernelsCoverEveryLayerAndDirection() throws {
    let figures = try Self.figures(
      ["bench", "kernels", "--width", "16", "--batch", "8", "--seconds", "0.002"])
    let rows = try #require(figures["convolutions"] as? [[String: Any]])
    let sweeps = try #require(figures["elementwise"] as? [[String: Any]])
    // Stem, four times 3x3, three times 3x3 and 1x1 of stride 2, the linear layer; each in three directions.
    let chosen = rows.filter { $0["chosen"] as? Bool == true }
    #expect(chosen.count == 12 * 3)
    // 20 convolutions and the linear layer: 11 forward, 11 backward but for the first layer, one weight gradient.
    #expect(chosen.reduce(0) { $0 + ($1["runs"] as? Int ?? 0) } == 21 * 23 - 1)
    for row in rows {
      for key in [
        "effective_gflops", "real_gflops", "best_gflops", "bound_gflops", "milliseconds_per_image", "intensity",
      ] {
        #expect(row[key] as? Double ?? 0 > 0, "\(key)")
      }
      #expect(["arithmetic", "memory"].contains(row["bound"] as? String))
    }
    let shares = (rows + sweeps).reduce(0) { $0 + ($1["step_share"] as? Double ?? .nan) }
    #expect(abs(shares - 1) < 1e-9)
    let parts = Set(sweeps.compactMap { $0["part"] as? String })
    #expect(
      parts == [
        "affine, ReLU, frame", "moments", "copy, frame", "mask and sums", "BatchNorm gradient", "packing of filters",
      ])
  }

  @Test(arguments: ranks) func allreduceTimesBothExchanges(ranks: Int) throws {
    let figures = try Self.figures(
      [
        "bench", "allreduce", "--floats", "5000", "--width", "16", "--repeats", "2", "--exchanges", "5",
        "--step-seconds", "2",
      ], ranks: ranks)
    #expect(figures["ranks"] as? Int == ranks && figures["floats"] as? Int == 5000)
    #expect(figures["exchanges_per_step"] as? Int == 374 && figures["parts"] as? Int == ranks)
    #expect(((figures["tree_seconds"] as? [String: Double])?["best"] ?? 0) > 0)
    #expect((figures["plain_seconds"] != nil) == (ranks > 1))
    let small = try #require(figures["small_exchanges"] as? [[String: Any]])
    // bn1 of eight blocks, bn2 of eight, and the last.
    #expect(small.map { $0["channels"] as? Int } == [16, 32, 64, 128])
    #expect(small.map { $0["layers"] as? Int } == [5, 4, 4, 4])
    let exchanges = try #require(figures["exchange_seconds_per_step"] as? Double)
    #expect(abs((figures["exchange_share"] as? Double ?? .nan) - exchanges / 2) < 1e-12)
  }

  @Test(arguments: [
    ["step", "--width", "0"], ["step", "--batch", "0"], ["step", "--convolution", "fft"], ["step", "--threads", "0"],
    ["kernels", "--seconds", "0"], ["allreduce", "--shards", "0"], ["allreduce", "--step-seconds", "0"],
  ])
  func usageErrorsEndWith64(arguments: [String]) throws {
    let outcome = try Program.run(["bench"] + arguments)
    #expect(outcome.code == 64 && outcome.errors.hasPrefix("Error: "))
  }
}
