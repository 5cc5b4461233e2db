import Attacks
import Oracle
import Parity
import Testing

/// PGD, APGD and FAB in the L2 ball, and FAB toward the nearest boundary, point by point against loops in PyTorch float64
/// (goldens/generate_norms.py), as `AutoAttackGoldenTests` has those of L∞, within the same bounds.
@Suite struct NormGoldenTests {
  @Test func pgdAgreesWithPyTorch() throws {
    let golden = try golden("norms", as: GoldenNorms.self)
    let item = golden.pgd
    // Each has a step of its own.
    for example in item.examples {
      let step = Float(item.step) * (Float(example.radius) / 255)
      let run = try GoldenRun(
        PGD(steps: item.steps, stepSize: step), golden, [example], [.avoid(example.label)], classes: item.classes,
        restart: item.restart, in: .l2)
      if example.broken != nil { run.expectVerdicts("PGD") }
      let isTheWay = run.compare(run.model.passes, "points", item.steps + 1, "PGD") { $0.points }
      #expect(isTheWay && run.model.passes.count == item.steps + 1)
    }
  }

  @Test func apgdAgreesWithPyTorch() throws {
    let golden = try golden("norms", as: GoldenNorms.self)
    for item in golden.apgd { try item.expectAgreement(golden, in: .l2) }
  }

  @Test func fabAgreesWithPyTorch() throws {
    let golden = try golden("norms", as: GoldenNorms.self)
    for item in golden.fab {
      let norm = try #require(Norm(rawValue: item.norm))
      let title = "FAB in \(norm)\(item.nearest ? ", nearest" : "")\(item.restart.map { ", start \($0)" } ?? "")"
      let goals = item.examples.map {
        item.nearest ? Goal.avoid($0.label) : .reach($0.target, from: $0.label)
      }
      let attack = FAB(
        iterations: golden.iterations, aim: item.nearest ? .nearest : .goal, startsAtRandom: item.restart != nil)
      let run = try GoldenRun(
        attack, golden, item.examples, goals, classes: item.classes, restart: item.restart ?? 0, in: norm)
      try run.expectWayOfFAB(title)
    }
  }

  @Test func offsetsAgreeWithPyTorch() throws {
    try GoldenOffset.expectAgreement(try golden("norms", as: GoldenNorms.self).offsets, in: .l2)
  }
}

/// What goldens/norms.json holds.
private struct GoldenNorms: Decodable, GoldenSetting {
  struct PGDCase: Decodable {
    let classes: Int
    let restart: Int
    let steps: Int
    /// In radii.
    let step: Double
    let examples: [GoldenExample]
  }
  struct FABCase: Decodable {
    let norm: String
    let nearest: Bool
    let classes: Int
    let restart: Int?
    let examples: [GoldenExample]
  }
  let seed: UInt64
  let attackSeed: UInt64
  let side: Int
  let hidden: Int
  let steepness: Double
  let iterations: Int
  let pgd: PGDCase
  let apgd: [GoldenAPGD]
  let fab: [FABCase]
  let offsets: [GoldenOffset]
}
