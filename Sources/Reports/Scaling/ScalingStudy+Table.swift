// A scaling study as a table, as comma-separated values and as JSON.

import Foundation
import Scaling

extension ScalingStudy {
  /// What the study is.
  package var title: String { isWeak ? "Weak scaling" : "Strong scaling" }

  private var batches: String {
    let sizes = rows.map(\.batch)
    guard let least = sizes.min(), let most = sizes.max(), least != most else { return "batch \(sizes.first ?? 0)" }
    return "batches of \(least) to \(most)"
  }

  var caption: String { "\(title): whole steps, \(subject), \(batches), on \(processors.joined(separator: "; "))." }

  /// A row a layout.
  package var table: Table {
    // On one host that is no news.
    let hosts = rows.contains { $0.layout.nodes > 1 } ? ["hosts"] : []
    let figures = ["batch", "rounds", "images/s", "speed-up", "efficiency %"] + Self.phases + ["predicted", "off %"]
    var table = Table([.text("ranks x threads")] + (hosts + figures).map { .number($0) }, caption: caption)
    for row in rows {
      let total = row.phases.reduce(0, +)
      let (images, deviation) = (row.imagesPerSecond, row.imagesPerSecond.deviation)
      var cells: [Table.Cell] = [.text(row.name)]
      if !hosts.isEmpty { cells.append(.number("\(row.layout.nodes)")) }
      cells += [
        .number("\(row.batch)"), .number("\(images.count)"),
        .number(Figures.short(images.mean), deviation: deviation.map { Figures.short($0) }),
        .number(Figures.decimal(row.speedUp, 2)), .number(Figures.decimal(100 * row.efficiency, 1)),
      ]
      cells += row.phases.map { .number(Figures.decimal(total > 0 ? 100 * $0 / total : nil, 1)) }
      cells += [
        .number(Figures.short(row.predicted?.imagesPerSecond)), .number(signed(row.deviation.map { 100 * $0 })),
      ]
      table.add(cells)
    }
    table.note(
      "Images/s: mean of the rounds' medians ± standard deviation. Speed-up and efficiency against the first row. Phases: percent "
        + "of the step on rank 0; statistics, batch norm's exchanges, are taken off attack and training.")
    if model != nil {
      table.note(
        "Predicted: images/s of the model, fitted to the first row alone; off: its step time over the measured one, less 1."
      )
    }
    if rows.contains(where: \.takesTurns) { table.note("* More threads than cores: they take turns.") }
    return table
  }

  private func signed(_ value: Double?) -> String {
    guard let value, value.isFinite else { return Figures.absent }
    let text = Figures.decimal(value, 1)
    if text == "-0.0" || text == "0.0" { return "0.0" }
    return value > 0 ? "+\(text)" : text
  }

  /// One line a layout with a head, numbers in full precision.
  package var csv: String {
    CSV.line(
      ["study", "ranks", "threads", "hosts", "batch", "rounds", "images_per_second", "deviation", "step_seconds"]
        + ["speed_up", "efficiency"] + Self.phases.map { "\($0)_seconds" }
        + ["predicted_step_seconds", "predicted_images_per_second", "takes_turns"])
      + rows.map { row in
        CSV.line(
          [
            isWeak ? "weak" : "strong", "\(row.layout.ranks)", "\(row.layout.threads)", "\(row.layout.nodes)",
            "\(row.batch)", "\(row.imagesPerSecond.count)", "\(row.imagesPerSecond.mean)",
            CSV.text(row.imagesPerSecond.deviation), "\(row.stepSeconds.mean)", "\(row.speedUp)", "\(row.efficiency)",
          ] + row.phases.map { "\($0)" }
            + [CSV.text(row.predicted?.seconds), CSV.text(row.predicted?.imagesPerSecond), row.takesTurns ? "1" : "0"])
      }.joined()
  }

  /// What `json` writes.
  private struct File: Encodable {
    struct Line: Encodable {
      let ranks: Int, threads: Int, hosts: Int, batch: Int, rounds: Int
      let imagesPerSecond: Double, deviation: Double?, stepSeconds: Double, speedUp: Double, efficiency: Double
      let seconds: [String: Double]
      let predicted: StepEstimate?, predictedSeconds: Double?, predictedImagesPerSecond: Double?
      let takesTurns: Bool
    }

    let study: String, subject: String, processors: [String]
    let rows: [Line]
    let node: NodeFacts?
    let computingScale: Double?, restScale: Double?
    let extrapolation: [StepEstimate]
  }

  /// One line of JSON, keys in snake_case.
  ///
  /// - Parameter extrapolation: what the model says beyond what was measured.
  package func json(_ extrapolation: ScalingExtrapolation?) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let lines = rows.map { row in
      File.Line(
        ranks: row.layout.ranks, threads: row.layout.threads, hosts: row.layout.nodes, batch: row.batch,
        rounds: row.imagesPerSecond.count, imagesPerSecond: row.imagesPerSecond.mean,
        deviation: row.imagesPerSecond.deviation, stepSeconds: row.stepSeconds.mean, speedUp: row.speedUp,
        efficiency: row.efficiency, seconds: Dictionary(uniqueKeysWithValues: zip(Self.phases, row.phases)),
        predicted: row.predicted, predictedSeconds: row.predicted?.seconds,
        predictedImagesPerSecond: row.predicted?.imagesPerSecond, takesTurns: row.takesTurns)
    }
    let file = File(
      study: isWeak ? "weak" : "strong", subject: subject, processors: processors, rows: lines, node: model?.node,
      computingScale: model?.scale.computing, restScale: model?.scale.rest,
      extrapolation: extrapolation?.estimates ?? [])
    return String(decoding: try encoder.encode(file), as: UTF8.self) + "\n"
  }
}
