// The learning rate of every step, against the formulas of the papers and numbers worked out by hand.

import Foundation
import Options
import Recipes
import Testing

@Suite struct ScheduleTests {
  private func rates(_ epochs: Int, steps: Int, _ change: (inout Recipe.Training) -> Void) -> [Double] {
    var recipe = Recipe()
    recipe.training.epochs = epochs
    change(&recipe.training)
    let schedule = recipe.training.learningRates
    return (0..<epochs * steps).map { schedule.rate(epoch: $0 / steps, step: $0 % steps, of: steps) }
  }

  private func isNear(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-15 }
  }

  // MARK: Milestones

  /// Bit for bit what 0.1.0 computed: one product more from each milestone on.
  @Test func decayAtMilestones() {
    let moments: [Moment] = [.fraction("3/4"), .epoch(2), .fraction("1/2"), .epoch(99)]
    let rates = rates(10, steps: 3) { $0.milestones = moments }
    for epoch in 0..<10 {
      let expected = moments.filter { $0.isReached(epoch: epoch, of: 10) }.reduce(0.1) { rate, _ in rate * 0.1 }
      #expect(rates[3 * epoch..<3 * epoch + 3].allSatisfy { $0.bitPattern == expected.bitPattern }, "epoch \(epoch)")
    }
  }

  /// FAT's (zjfheart/Friendly-Adversarial-Training, FAT.py): epochs counted from 1 there.
  @Test func factorsOfFAT() {
    let rates = rates(120, steps: 1) {
      $0.milestones = [.epoch(59), .epoch(89), .epoch(109)]
      $0.factors = ["0.1", "0.01", "0.005"]
    }
    let expected = (1...120).map { (epoch: Int) -> Double in
      let factor: Double = epoch >= 110 ? 0.005 : epoch >= 90 ? 0.01 : epoch >= 60 ? 0.1 : 1
      return 0.1 * factor
    }
    #expect(rates == expected)
  }

  /// The factor of the last one reached holds; of several in one epoch, that of the last in the list.
  @Test func factorsOutOfOrder() {
    let rates = rates(8, steps: 1) {
      $0.milestones = [.epoch(6), .fraction("1/4"), .epoch(2), .epoch(50)]
      $0.factors = ["1/2", "1/4", "1/8", "0"]
    }
    let factors: [Double] = [1, 1, 0.125, 0.125, 0.125, 0.125, 0.5, 0.5]
    #expect(isNear(rates, factors.map { 0.1 * $0 }))
  }

  // MARK: Scaling

  /// Linear (Goyal et al. 2017) and by the square root, from a batch of 128 on, in every schedule.
  @Test(arguments: ScheduleShape.allCases) func scaling(shape: ScheduleShape) {
    func rates(_ batch: Int, _ scaling: LearningRateScaling) -> [Double] {
      self.rates(4, steps: 3) {
        ($0.batchSize, $0.learningRateScaling, $0.schedule) = (batch, scaling, shape)
      }
    }
    let plain = rates(128, .none)
    let larger = self.rates(4, steps: 3) {
      ($0.batchSize, $0.learningRateScaling, $0.learningRateReference, $0.schedule) = (128, .sqrt, 512, shape)
    }
    #expect(isNear(larger, plain.map { $0 / 2 }))
    for scaling in LearningRateScaling.allCases { #expect(rates(128, scaling) == plain) }
    #expect(rates(1024, .none) == plain)
    #expect(isNear(rates(1024, .linear), plain.map { 8 * $0 }))
    #expect(isNear(rates(32, .linear), plain.map { $0 / 4 }))
    #expect(isNear(rates(512, .sqrt), plain.map { 2 * $0 }))
    #expect(isNear(rates(256, .sqrt), plain.map { 1.414_213_562_373_095_1 * $0 }))
  }

  // MARK: Warm-up, cosine, one cycle

  /// Two and a half epochs of four steps: ten steps, of which the first is a tenth and the last the full rate.
  @Test func warmUp() {
    let rates = rates(4, steps: 4) {
      $0.warmUp = "5/2"
      $0.milestones = [.epoch(3)]
    }
    let rising = (1...10).map { (step: Int) -> Double in 0.1 * Double(step) / 10 }
    let expected: [Double] = rising + [0.1, 0.1, 0.01, 0.01, 0.01, 0.01]
    #expect(isNear(rates, expected))
    #expect(rates[9] == 0.1)
  }

  /// Loshchilov and Hutter (2017), equation 5 with η_min = 0; after a warm-up over what is left.
  @Test(arguments: [0, 3]) func cosine(warmUp: Int) {
    let rates = rates(20, steps: 7) {
      $0.schedule = .cosine
      $0.warmUp = Real(Double(warmUp))
    }
    let expected = (1...140).map { step -> Double in
      let time = Double(step) / 7
      if time < Double(warmUp) { return 0.1 * time / Double(warmUp) }
      return 0.1 * (1 + cos(.pi * (time - Double(warmUp)) / Double(20 - warmUp))) / 2
    }
    #expect(isNear(rates, expected))
    #expect(rates.last == 0 && rates.dropLast().allSatisfy { $0 > 0 })
    #expect(zip(rates[(7 * warmUp)...], rates[(7 * warmUp)...].dropFirst()).allSatisfy { $0 > $1 })
  }

  /// Wong et al. (2020), `fast_adversarial`: np.interp([t], [0, epochs * 2 // 5, epochs], [0, lr_max, 0]) at
  /// t = epoch + (i + 1) / steps.
  @Test func oneCycle() {
    let rates = rates(10, steps: 5) { $0.schedule = .oneCycle }
    let expected = (1...50).map { (step: Int) -> Double in
      step <= 20 ? 0.1 * Double(step) / 20 : 0.1 * Double(50 - step) / 30
    }
    #expect(isNear(rates, expected))
    let falling = self.rates(2, steps: 2) {
      $0.schedule = .oneCycle
      $0.peak = "0"
    }
    #expect(isNear(falling, [0.075, 0.05, 0.025, 0]))
  }

  /// The light recipe's for fine-tuning (Debenedetti et al. 2023) on a batch of 128: 2e-4 · sqrt(128 / 512) = 1e-4, from 1e-6 in
  /// 5 epochs, 20 of cosine to 5e-6, then 2 there. Worked out by hand: cos(π/4) = 0.7071..., cos(π/2) = 0, cos(3π/4).
  @Test func lightRecipe() {
    let rates = rates(22, steps: 3) {
      ($0.schedule, $0.learningRate, $0.learningRateScaling, $0.learningRateReference) = (
        .epochCosine, "2e-4", .sqrt, 512
      )
      ($0.warmUp, $0.warmUpRate, $0.minimumRate, $0.coolDown) = ("5", "1e-6", "5e-6", 2)
    }
    for epoch in 0..<22 { #expect(Set(rates[3 * epoch..<3 * epoch + 3]).count == 1, "one rate in epoch \(epoch)") }
    let epochs = (0..<22).map { rates[3 * $0] }
    let rising: [Double] = [1e-6, 20.8e-6, 40.6e-6, 60.4e-6, 80.2e-6]
    #expect(zip(epochs, rising).allSatisfy { abs($0 - $1) < 1e-18 })
    let half = 0.707_106_781_186_547_5
    let at: [(Int, Double)] = [
      (5, 5e-6 + 47.5e-6 * (1 + half)), (10, 52.5e-6), (15, 5e-6 + 47.5e-6 * (1 - half)), (20, 5e-6), (21, 5e-6),
    ]
    for (epoch, rate) in at { #expect(abs(epochs[epoch] - rate) < 1e-18, "epoch \(epoch)") }
    // timm's CosineLRScheduler with warmup_prefix false, in its own words.
    for epoch in 5..<20 {
      let rate = 5e-6 + 0.5 * (1e-4 - 5e-6) * (1 + cos(.pi * Double(epoch) / 20))
      #expect(abs(epochs[epoch] - rate) < 1e-18)
    }
  }

  /// A run that is shortened for a trial ends before it cools down, or is nothing else.
  @Test func aCoolDownBeyondTheBeginning() {
    let rates = rates(2, steps: 1) {
      ($0.schedule, $0.minimumRate, $0.coolDown) = (.epochCosine, "0.01", 2)
    }
    #expect(rates == [0.01, 0.01])
  }

  /// A run shorter than its warm-up rises all the way.
  @Test(arguments: ScheduleShape.allCases) func aWarmUpBeyondTheEnd(shape: ScheduleShape) {
    let rates = rates(2, steps: 2) {
      $0.schedule = shape
      $0.milestones = []
      $0.warmUp = "8"
    }
    #expect(rates.allSatisfy(\.isFinite) && rates[0] > 0)
    let rising: [Double] = [0.1 / 16, 0.2 / 16, 0.3 / 16, 0.4 / 16]
    switch shape {
    case .milestones, .cosine: #expect(isNear(rates, rising))
    case .epochCosine: #expect(isNear(rates, [1e-6, 1e-6, 1e-6 + (0.1 - 1e-6) / 8, 1e-6 + (0.1 - 1e-6) / 8]))
    case .oneCycle: break
    }
  }
}
