// What a run says at its start about a recipe that does not come to what it reads like.

import Options
import Recipes
import Testing
import Training

@Suite struct NotesTests {
  private func notes(epochs: Int, steps: Int = 79, _ change: (inout Recipe) -> Void = { _ in }) -> [String] {
    var recipe = Recipe()
    recipe.training.epochs = epochs
    // The defaults begin at 1/2, 3/4 and 1/4 of the length.
    recipe.training.milestones = []
    recipe.averaging.start = .epoch(0)
    change(&recipe)
    return recipe.notes(stepsPerEpoch: steps)
  }

  @Test func theShippedLengthHasNone() {
    #expect(Recipe().notes(stepsPerEpoch: 391).isEmpty)
    #expect(notes(epochs: 2).isEmpty)
  }

  @Test func fairnessThatNeverBegins() {
    #expect(
      notes(epochs: 1) == [
        "with one epoch prior and margins stay as they are: fairness.begin is 1, and the last epoch (from 0) is 0"
      ])
    #expect(
      notes(epochs: 7) {
        $0.fairness.priorBegin = 7
        $0.fairness.marginsBegin = 9
      } == [
        "with 7 epochs prior and margins stay as they are: fairness.margins-begin is 9, fairness.prior-begin is 7, and the "
          + "last epoch (from 0) is 6"
      ])
    #expect(
      notes(epochs: 7) { $0.fairness.priorBegin = 7 } == [
        "with 7 epochs prior stays as it is: fairness.prior-begin is 7, and the last epoch (from 0) is 6"
      ])
    // Untargeted training has no prior, and one without margins nothing that begins.
    #expect(
      notes(epochs: 1) { $0.method.name = "at" } == [
        "with one epoch margins stay as they are: fairness.begin is 1, and the last epoch (from 0) is 0"
      ])
    #expect(
      notes(epochs: 1) {
        $0.method.name = "at"
        $0.fairness.margins = false
      } == [])
    #expect(
      notes(epochs: 1) {
        $0.fairness.prior = "uniform"
        $0.fairness.margins = false
      } == [])
  }

  @Test func intervalsLongerThanAnEpoch() {
    #expect(notes(epochs: 9, steps: 79) { $0.fairness.interval = 79 }.isEmpty)
    let note = notes(epochs: 9, steps: 79) { $0.fairness.interval = 80 }
    #expect(note.count == 1 && note[0].hasPrefix("fairness.interval is 80 steps, but an epoch has 79"))
  }

  @Test func milestones() {
    func note(_ milestones: [Moment], epochs: Int = 10) -> [String] {
      notes(epochs: epochs) { $0.training.milestones = milestones }
    }
    #expect(note([.epoch(5), .epoch(9)]).isEmpty && note([.fraction("1/2"), .fraction("3/4")]).isEmpty)
    // Of 3 epochs 3/4 are 2.25: no epoch is that late.
    #expect(
      note([.fraction("1/2"), .fraction("3/4")], epochs: 3) == [
        "with 3 epochs the learning rate does not fall at 3/4 (training.milestones): no epoch is that late"
      ])
    #expect(
      note([.epoch(100), .epoch(150)]) == [
        "with 10 epochs the learning rate does not fall at 100, 150 (training.milestones): no epoch is that late"
      ])
    #expect(
      note([.epoch(8), .epoch(6)]) == [
        "training.milestones [8, 6] are out of order: the learning rate falls where each is reached, after 6, 8 epochs"
      ])
    let twice = note([.epoch(5), .fraction("1/2")])
    #expect(twice.count == 1 && twice[0].hasPrefix("of training.milestones [5, 1/2] several are reached at epoch 5: "))
    #expect(
      note([.epoch(0), .epoch(5)]) == [
        "training.milestones has one at epoch 0: the learning rate is lower from the start"
      ])
    #expect(note([.fraction("0")]).count == 1)
    // With factors the last one holds.
    let factors = notes(epochs: 10) {
      $0.training.milestones = [.epoch(5), .fraction("1/2")]
      $0.training.factors = ["0.1", "0.01"]
    }
    #expect(factors.count == 1 && factors[0].hasSuffix("at epoch 5: the factor of the last of them holds"))
    // Other schedules read no milestones.
    #expect(
      notes(epochs: 10) {
        $0.training.milestones = [.epoch(100)]
        $0.training.schedule = .cosine
      }.isEmpty)
    // A rate that does not fall has nothing to miss.
    #expect(
      notes(epochs: 10) {
        $0.training.milestones = [.epoch(100)]
        $0.training.decay = "1"
      }.isEmpty)
  }

  @Test func warmUpsThatNeverEnd() {
    #expect(notes(epochs: 5) { $0.training.warmUp = "5" }.isEmpty)
    #expect(
      notes(epochs: 2) { $0.training.warmUp = "5/2" } == [
        "with 2 epochs the learning rate never gets to its full height: training.warm-up is 5/2"
      ])
  }

  @Test func averagesThatNeverBegin() {
    #expect(
      notes(epochs: 50) { $0.averaging.start = .epoch(50) } == [
        "with 50 epochs EMA and FAWA take in no weights: averaging.start is 50"
      ])
    #expect(
      notes(epochs: 2) {
        $0.averaging.start = .fraction("0.75")
        $0.averaging.fawa = false
      } == ["with 2 epochs EMA takes in no weights: averaging.start is 0.75"])
    #expect(
      notes(epochs: 2) {
        $0.averaging.start = .epoch(2)
        $0.averaging.ema = false
        $0.averaging.fawa = false
      }.isEmpty)
  }

  /// The first epoch is the one from which the moment is reached.
  @Test func firstEpochs() {
    let fractions: [Real] = ["0", "0.1", "1/3", "3/4", "1"]
    for moment in [.epoch(0), .epoch(3)] + fractions.map(Moment.fraction) {
      for epochs in [1, 2, 3, 4, 7, 10, 30, 200] {
        let expected = (0..<epochs).first { moment.isReached(epoch: $0, of: epochs) }
        #expect(moment.firstEpoch(of: epochs) == expected, "\(moment) of \(epochs)")
      }
    }
    // 0.1 x 30 is 3, though not in binary.
    #expect(Moment.fraction("0.1").firstEpoch(of: 30) == 3 && Moment.fraction("3/4").firstEpoch(of: 10) == 8)
    #expect(Moment.fraction("1").firstEpoch(of: .max) == nil)
  }
}
