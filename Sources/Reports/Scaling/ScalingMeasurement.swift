// One measurement of a scaling study: what `bench step --machine --json` wrote.

import Failures
import Foundation
import Scaling

/// Steps of one layout, timed.
package struct ScalingMeasurement: Decodable, Equatable, Sendable {
  /// Over steps.
  struct Range: Decodable, Equatable, Sendable {
    let median: Double, least: Double, greatest: Double
  }

  /// Medians over steps, of rank 0; `statistics` lies within attack and training.
  struct Phases: Decodable, Equatable, Sendable {
    let attack: Double, training: Double, statistics: Double, reduction: Double, waiting: Double, rest: Double
  }

  let benchmark: String
  let method: String, model: String, batch: Int, attackSteps: Int
  let ranks: Int, threads: Int, hosts: Int
  let processor: String, build: String
  let imagesPerSecond: Range, stepSeconds: Range
  let seconds: Phases
  let work: StepWork
  let machine: MachineReading?

  var layout: RankLayout { RankLayout(ranks: ranks, threads: threads, nodes: hosts) }
  /// What all measurements of a study have in common.
  var subject: String { "\(method), \(model), PGD-\(attackSteps), \(build)" }

  /// Reads a file.
  ///
  /// - Throws: `Failure(.badData)` with what is wrong, to follow the name of the file.
  package init(json: [UInt8]) throws(Failure) {
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      self = try decoder.decode(ScalingMeasurement.self, from: Data(json))
    } catch {
      throw Failure(.badData, "no measurement of bench step: \(LineCheck.words(for: error))")
    }
    var check = LineCheck()
    check.expect(benchmark == "step", "benchmark is \(benchmark), not step")
    for (name, count) in [("ranks", ranks), ("threads", threads), ("hosts", hosts)] {
      check.expect((1...1_000_000).contains(count), "\(name) is \(count), not 1 to a million")
    }
    check.expect((1...1_000_000_000).contains(batch), "batch is \(batch), not a count from 1 on")
    check.expect(hosts <= ranks, "hosts are \(hosts), more than ranks")
    for (name, value) in [
      ("images_per_second", imagesPerSecond.median), ("step_seconds", stepSeconds.median),
    ] { check.number(value, name, in: 1e-12...1e12) }
    for value in [
      seconds.attack, seconds.training, seconds.statistics, seconds.reduction, seconds.waiting, seconds.rest,
    ] { check.number(value, "seconds", in: -1e-3...1e9) }
    Self.check(work, batch, ranks, &check)
    if let machine { Self.check(machine, &check) }
    if let fault = check.fault { throw Failure(.badData, fault) }
  }

  private static func check(_ work: StepWork, _ batch: Int, _ ranks: Int, _ check: inout LineCheck) {
    let most = 1 << 53
    check.expect(work.batch == batch, "work.batch is \(work.batch), batch \(batch)")
    check.expect((1...1_000_000_000).contains(work.shardSize), "work.shard_size is \(work.shardSize)")
    guard check.fault == nil else { return }
    check.expect(ranks <= work.mostRanks, "ranks are \(ranks), shards \(work.mostRanks)")
    for (name, count) in [
      ("attack_forward", work.attackForward), ("attack_gradient", work.attackGradient), ("exchanges", work.exchanges),
      ("exchanged_doubles", work.exchangedDoubles), ("loops", work.loops), ("forward_bytes", work.forwardBytes),
      ("gradient_bytes", work.gradientBytes), ("weight_gradient_bytes", work.weightGradientBytes),
      ("parameters", work.parameters), ("packed_bytes", work.packedBytes),
    ] { check.expect((0...most).contains(count), "work.\(name) is \(count), not a count") }
    check.expect((1...1_000_000).contains(work.views), "work.views is \(work.views)")
    for layer in work.filters {
      check.expect(
        (1...1_000_000).contains(layer.count) && (1...1_000_000_000).contains(layer.tiles)
          && (1...1_000_000_000).contains(layer.groupImages) && (0...most).contains(layer.forwardBytes)
          && (0...most).contains(layer.gradientBytes), "work.filters has a layer that cannot be")
    }
  }

  private static func check(_ machine: MachineReading, _ check: inout LineCheck) {
    check.expect((1...1_000_000).contains(machine.cores), "machine.cores is \(machine.cores)")
    for (name, value) in [
      ("bandwidth", machine.bandwidth), ("core_bandwidth", machine.coreBandwidth),
      ("times.bandwidth", machine.times.bandwidth),
    ] { check.number(value, "machine.\(name)", in: 1...1e18) }
    for (name, value) in [
      ("cache", machine.cache), ("times.cache", machine.times.cache), ("loop", machine.loop ?? 0),
      ("small_sum", machine.smallSum ?? 0), ("long_sum", machine.longSum ?? 0),
    ] { check.number(value, "machine.\(name)", in: LineCheck.notNegative) }
    check.expect((0...(1 << 53)).contains(machine.floats), "machine.floats is \(machine.floats)")
    let points = machine.times.points
    check.expect(
      !points.isEmpty && points.allSatisfy { $0.images > 0 && $0.seconds > 0 && $0.seconds < 1e9 }
        && zip(points, points.dropFirst()).allSatisfy { $0.images < $1.images },
      "machine.times are no times of more and more images")
  }
}
