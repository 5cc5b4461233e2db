import Attacks
import Classification
import Foundation
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

/// APGD and FAB-T point by point against loops in PyTorch float64 (goldens/generate_attacks.py), on a classifier that
/// computes in Double on both sides.
///
/// What a model is shown is the whole course of an attack, so nothing is looked at but that, and the verdicts. Of these
/// examples no sign of a gradient, no comparison of losses and no verdict hangs on rounding, so every point must agree:
///
///     elements   1e-5: PyTorch's loops in float32 lose 9e-7, the file's decimals 5e-7; the smallest step, where it was
///                halved most often, is 5e-5
///     sums       5e-5: float32 loses 7e-6, the decimals 5e-6; norms 1e-5: 8e-7 and 5e-7
///     losses     1e-5: float32 loses 7e-6
///
/// Of wrong attacks, tried in PyTorch, so many of 26 of the 30 examples of APGD, of the 7 of FAB, stray by more than 1e-4 or
/// are broken by another point; where it is few, those were searched for:
///
///     first step of 3/4; η = ε; no momentum                                               23, 23, 23
///     checkpoints one iteration late; windows shorter by 4 each time                      18, 14
///     after a halving: x not restored; its gradient not; momentum 0; η / 4                18, 18, 18, 18
///     every search restored where one is halved                                           9
///     c1 never; with < 3/4; with 0.7                                                      17, 2, 5
///     c1 without the first comparison of a window; with L_best for the last loss          8, 10
///     c1 that compares with the restored loss after a halving                             6
///     c1 that compares the first loss with that of x_0                                    3
///     c2 never; also right after a halving                                                3, 3
///     x_0 not a candidate for x_best                                                      1
///     a start that is not stretched to the radius; that of another restart; the original  15, 26, 26
///     logit ratios: a divisor that counts as constant; down to the smallest logit         14, 11
///     FAB: α = 0; α = 0.1; no overshoot; no backward step                                 6, 6, 7, 6
///     FAB: offsets that leave [0, 1]; a verdict only where the target is predicted        5, 4
@Suite struct AutoAttackGoldenTests {
  @Test func apgdAgreesWithPyTorch() throws {
    let golden = try golden("attacks", as: GoldenAttacks.self)
    for item in golden.apgd { try item.expectAgreement(golden) }
  }

  @Test func fabAgreesWithPyTorch() throws {
    let golden = try golden("attacks", as: GoldenAttacks.self)
    let (examples, classes) = (golden.fab.examples, golden.fab.classes)
    let run = try GoldenRun(
      FAB(iterations: golden.iterations), golden, examples,
      examples.map { .reach($0.target, from: $0.label) }, classes: classes)
    try run.expectWayOfFAB("FAB")
  }

  /// Offsets onto hyperplanes inside [0, 1]: from either side, in reach, hardly, and out of it, with elements of no
  /// weight and such as have no room.
  ///
  /// All that is given is exact in Float, so what is left is the rounding of λ ≤ 1 and of its sums: 1e-7 where these
  /// are in Double, as they have to be where few elements of small weight are left to give.
  @Test func offsetsAgreeWithPyTorch() throws {
    let items = try golden("attacks", as: GoldenAttacks.self).offsets
    try GoldenOffset.expectAgreement(items, in: .linf)
  }
}

/// What goldens/attacks.json holds.
private struct GoldenAttacks: Decodable, GoldenSetting {
  struct FABCase: Decodable {
    let classes: Int
    let examples: [GoldenExample]
  }
  let seed: UInt64
  let attackSeed: UInt64
  let side: Int
  let hidden: Int
  let steepness: Double
  let iterations: Int
  let apgd: [GoldenAPGD]
  let fab: FABCase
  let offsets: [GoldenOffset]
}
