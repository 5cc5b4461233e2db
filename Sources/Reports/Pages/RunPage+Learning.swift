// The course of training: loss, robust accuracy and learning rate.

extension RunPage {
  /// Where epochs end on a horizontal axis.
  func place(_ entry: EpochEntry) -> Double { Double(entry.epoch + 1) }

  /// The axis of epochs, and how many steps are one; of steps before the first epoch is over.
  private var course: (axis: Axis, steps: Double) {
    guard let steps = run.log.stepsPerEpoch, let last = run.log.epochs.last else {
      return (.counting("step", 0...Double(run.log.steps.last?.step ?? 1)), 1)
    }
    let end = max(place(last), Double(run.log.steps.last?.step ?? 0) / steps)
    return (.counting("epoch", 0...end), steps)
  }

  var learning: Markup {
    Page.section(
      "Training",
      Page.figures([
        Page.figure(loss, note: "The line of logged steps shows single batches, or means of several."),
        Page.figure(
          robustAccuracy,
          note: "Training: the adversarial batches, attacked as the method has it, while the weights change. "
            + "Validation and test: the raw weights under the evaluation's attack."),
        Page.figure(learningRate),
      ]))
  }

  private var loss: LineChart? {
    let (axis, stepsPerEpoch) = course
    let epochs = run.log.epochs.map { ChartPoint(place($0), $0.train?.loss ?? .nan) }
    let logged = run.log.steps.compactMap { step in step.loss.map { ChartPoint(Double(step.step) / stepsPerEpoch, $0) }
    }
    // A few hundred points are as many as one can see.
    let group = logged.count / 400 + 1
    let steps = stride(from: 0, to: logged.count, by: group).map { start in
      let some = logged[start..<min(start + group, logged.count)]
      let y = some.reduce(0) { $0 + $1.y } / Double(some.count)
      return ChartPoint(some[some.endIndex - 1].x, y)
    }
    let values = (epochs + steps).map(\.y)
    guard values.contains(where: \.isFinite) else { return nil }
    return LineChart(
      "Training loss", x: axis, y: .fitting(values, "loss"),
      series: [
        LineSeries("logged steps", steps, colour: 5, weight: .quiet, isLabelled: !steps.isEmpty),
        LineSeries("epoch mean", epochs, colour: 0),
      ])
  }

  private var robustAccuracy: LineChart? {
    func series(_ name: String, _ colour: Int, _ value: (EpochEntry) -> Double?) -> LineSeries? {
      // Joined over epochs without evaluation.
      let points = run.log.epochs.compactMap { epoch in value(epoch).map { ChartPoint(place(epoch), 100 * $0) } }
      return points.isEmpty ? nil : LineSeries(name, points, colour: colour)
    }
    let all = [
      series("training", 5) { $0.train?.robustAccuracy },
      series("validation", 0) { $0.validation?["raw"]?[.robust] },
      series("validation, worst", 6) { $0.validation?["raw"]?[.robustWorst] },
      series("test", 1) { $0.test?["raw"]?[.robust] },
      series("test, worst", 7) { $0.test?["raw"]?[.robustWorst] },
    ].compactMap { $0 }
    let values = all.flatMap(\.points).map(\.y)
    guard let last = run.log.epochs.last, !values.isEmpty else { return nil }
    return LineChart(
      "Robust accuracy", x: .counting("epoch", 1...max(1, place(last))),
      y: .fitting(values, "robust accuracy, %", including: [0]), series: all)
  }

  private var learningRate: LineChart? {
    let (axis, stepsPerEpoch) = course
    var points: [ChartPoint] = []
    for step in run.log.steps {
      guard let rate = step.learningRate else { continue }
      // A rate holds from where the one before it ended.
      if points.last?.y != rate { points.append(ChartPoint(points.last?.x ?? 0, rate)) }
      points.append(ChartPoint(Double(step.step) / stepsPerEpoch, rate))
    }
    guard !points.isEmpty else { return nil }
    let corners = points.indices.filter { index in
      let inside = index > 0 && index + 1 < points.count
      return !(inside && points[index - 1].y == points[index].y && points[index + 1].y == points[index].y)
    }
    return LineChart(
      "Learning rate", x: axis, y: .logarithmic(points.map(\.y), "learning rate"),
      series: [LineSeries("learning rate", corners.map { points[$0] }, colour: 0, isLabelled: false)])
  }
}
