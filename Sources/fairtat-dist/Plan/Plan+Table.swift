// A plan as a table.

import Reports
import Scaling

extension Plan {
  var table: TextTable {
    var table = TextTable(["what", "figure", "remark"])
    table.add(["recipe", recipe, "\(method), \(title)"])
    table.add(["ranks x threads", "\(ranks) x \(threads)", ""])
    table.add(["parameters", "\(parameters)", FigureOutput.bytes(4 * parameters)])
    table.add([
      "images", "\(trainImages)", "\(validationImages) for validation, \(testImages) for the test",
    ])
    table.add([
      "steps", "\(stepsPerEpoch) an epoch", "of \(batch) images; \(counted(epochs, "epoch"))",
    ])
    table.add([
      "forward pass", giga(flops.forward) + " GFLOP", "an image; as much each for input gradient and weight gradient",
    ])
    table.add([
      "step", giga(flops.step) + " GFLOP",
      "\(giga(flops.image)) an image; \(flops.attackPasses) of \(flops.attackPasses + 3) passes are the attack's",
    ])
    table.add([
      "shards", shards.least == shards.most ? "\(shards.most) a rank" : "\(shards.least) to \(shards.most) a rank",
      "\(shards.count) of \(shards.size) images",
    ])
    table.add([
      "memory", FigureOutput.bytes(memory.largestRank) + " a rank",
      "\(FigureOutput.bytes(memory.allRanks)) all ranks; \(FigureOutput.bytes(memory.available)) free here",
    ])
    table.add([
      "gradient sent", FigureOutput.bytes(wire.gradientBytes) + " a step", "by each rank, once",
    ])
    table.add([
      "statistics sent", FigureOutput.bytes(wire.statisticsBytes) + " a step",
      "by each rank, in \(wire.smallExchanges) small exchanges",
    ])
    table.add([
      "checkpoint", FigureOutput.bytes(checkpoints.bytes),
      "\(FigureOutput.bytes(checkpoints.disk)) at once on the disk",
    ])
    let measured = time.measured
    let estimate = time.estimate
    table.add([
      "nodes", "\(estimate.layout.nodes)",
      "of \(counted(time.node.cores, "core")), \(FigureOutput.text(time.node.bandwidth / 1e9)) GB/s "
        + "(\(FigureOutput.text(time.node.coreBandwidth / 1e9)) a core); between nodes "
        + "\(FigureOutput.seconds(time.node.latency)), \(FigureOutput.text(time.node.networkBandwidth / 1e9)) GB/s",
    ])
    table.add([
      "step, estimated", duration(time.step),
      "\(FigureOutput.text(time.imagesPerSecond)) images/s, from \(FigureOutput.text(1e3 * measured.seconds)) ms for forward "
        + "pass and input gradient of \(counted(measured.images, "image")) on a thread here",
    ])
    for (name, seconds) in estimate.causes {
      table.add(["  \(name)", FigureOutput.seconds(seconds), FigureOutput.percent(seconds / time.step)])
    }
    table.add(["epoch, estimated", duration(time.epoch), "every thread on a core of its own"])
    table.add(["run, estimated", duration(time.run), "with validation and test"])
    if let best = layouts.first {
      table.add(["best layout", "\(best.layout.ranks) x \(best.layout.threads)", advice(best)])
    }
    return table
  }

  /// Why the best layout of the nodes is the best.
  private func advice(_ best: StepEstimate) -> String {
    let nodes = counted(best.layout.nodes, "node")
    let speed = "\(FigureOutput.text(best.imagesPerSecond)) images/s on \(nodes)"
    let isOwn = best.layout == time.estimate.layout
    // Against the layout in question, or the next.
    guard let other = isOwn ? layouts.dropFirst().first : time.estimate,
      let (cause, least, most) = LayoutChoice.reason(best, against: other)
    else { return isOwn ? "\(speed): this one" : speed }
    let text =
      "\(cause) \(FigureOutput.seconds(least)) instead of \(FigureOutput.seconds(most)) with \(other.layout.ranks) x "
      + "\(other.layout.threads)"
    return "\(speed)\(isOwn ? ", this one" : ""): \(text)"
  }

  private func giga(_ count: Int) -> String { FigureOutput.text(Double(count) / 1e9) }

  private func duration(_ seconds: Double) -> String {
    if seconds < 120 { return FigureOutput.text(seconds) + " s" }
    if seconds < 7200 { return FigureOutput.text(seconds / 60) + " min" }
    return seconds < 172_800 ? FigureOutput.text(seconds / 3600) + " h" : FigureOutput.text(seconds / 86_400) + " days"
  }
}
