// A plan as a table.

import Reports

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
    table.add([
      "step, estimated", duration(time.step),
      "\(FigureOutput.text(time.imagesPerSecond)) images/s, from \(FigureOutput.text(1e3 * measured.seconds)) ms for forward "
        + "pass and input gradient of \(measured.images) images on a thread here",
    ])
    table.add(["epoch, estimated", duration(time.epoch), "every thread on a core of its own, exchanges left out"])
    table.add(["run, estimated", duration(time.run), "with validation and test"])
    return table
  }

  private func giga(_ count: Int) -> String { FigureOutput.text(Double(count) / 1e9) }

  private func duration(_ seconds: Double) -> String {
    if seconds < 120 { return FigureOutput.text(seconds) + " s" }
    if seconds < 7200 { return FigureOutput.text(seconds / 60) + " min" }
    return seconds < 172_800 ? FigureOutput.text(seconds / 3600) + " h" : FigureOutput.text(seconds / 86_400) + " days"
  }
}
