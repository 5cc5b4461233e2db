// What the keys of the learning rate mean together, and which of them belong to one schedule only.

import Options

extension Recipe.Training {
  /// The learning rate of every step.
  package var learningRates: Schedule {
    let base = learningRateScaling.rate(learningRate.value, batch: batchSize, reference: learningRateReference)
    let course: Schedule.Course =
      switch schedule {
      case .milestones: .constants(constants(base))
      case .cosine: .cosine
      case .epochCosine: .epochCosine(start: warmUpRate.value, least: minimumRate.value, coolDown: coolDown)
      case .oneCycle: .oneCycle(peak: peak.value)
      }
    return Schedule(base: base, epochs: epochs, warmUp: warmUp.value, course)
  }

  /// From each milestone on its factor of the base rate, or one `decay` more; in the order in which they are reached.
  private func constants(_ base: Double) -> [Schedule.Constant] {
    let reached = milestones.enumerated()
      .compactMap { place, moment in moment.firstEpoch(of: epochs).map { (epoch: $0, place: place) } }
      .sorted { ($0.epoch, $0.place) < ($1.epoch, $1.place) }
    if let factors {
      return reached.filter { $0.place < factors.count }
        .map { Schedule.Constant(epoch: $0.epoch, rate: base * factors[$0.place].value) }
    }
    var rate = base
    return reached.map { milestone in
      rate *= decay.value
      return Schedule.Constant(epoch: milestone.epoch, rate: rate)
    }
  }
}

extension Recipe {
  /// Keys that one schedule reads.
  private static let scheduleKeys: [(path: String, shape: ScheduleShape)] = [
    ("training.milestones", .milestones), ("training.decay", .milestones), ("training.factors", .milestones),
    ("training.peak", .oneCycle), ("training.warm-up-rate", .epochCosine), ("training.minimum-rate", .epochCosine),
    ("training.cool-down", .epochCosine),
  ]

  /// Keys of the learning rate that do not go together; nil when all is well.
  var scheduleContradiction: (path: String, message: String)? {
    for (path, shape) in Self.scheduleKeys where training.schedule != shape {
      if let text = otherThanDefault(path) {
        return (
          path,
          "only training.schedule \(shape.rawValue) reads it, and that is \(training.schedule.rawValue); leave it at \(text)"
        )
      }
    }
    if training.schedule == .oneCycle && training.warmUp.value > 0 {
      return (
        "training.warm-up", "training.schedule one-cycle warms up by itself, until training.peak; leave this at 0"
      )
    }
    if let factors = training.factors {
      if factors.count != training.milestones.count {
        return (
          "training.factors",
          "\(factors.count) for \(training.milestones.count) training.milestones; give one for each, or none"
        )
      }
      if let text = otherThanDefault("training.decay") {
        return ("training.decay", "training.factors stand in its place; leave it at \(text), or those at none")
      }
    }
    if let fault = epochCosineFault { return fault }
    if training.learningRateScaling == .none, let text = otherThanDefault("training.learning-rate-reference") {
      return (
        "training.learning-rate-reference",
        "training.learning-rate-scaling is none, so nothing asks for it; leave it at \(text), or choose linear or sqrt"
      )
    }
    if training.learningRates.base > Limits.learningRate.upperBound {
      return (
        "training.learning-rate-scaling",
        "a batch of \(training.batchSize) makes of \(training.learningRate) more than single precision holds; lower "
          + "training.learning-rate"
      )
    }
    return nil
  }

  /// What the rates of epoch-cosine must be to each other.
  private var epochCosineFault: (path: String, message: String)? {
    guard training.schedule == .epochCosine else { return nil }
    let base = training.learningRates.base
    for (path, rate) in [
      ("training.warm-up-rate", training.warmUpRate), ("training.minimum-rate", training.minimumRate),
    ] where rate.value > base {
      return (
        path, "above the rate itself, \(Real(base)) for this batch: lower it, or raise training.learning-rate"
      )
    }
    return nil
  }

  /// The default of a key that has another value; nil where it has its default.
  private func otherThanDefault(_ path: String) -> String? {
    guard let field = Recipe.fields.first(where: { $0.path == path }), !field.isEqual(self, Recipe()) else {
      return nil
    }
    return field.text(Recipe())
  }
}
