// The models of an analysis one after another: each has a network of its own while it is at work, and leaves its adversaries.

import CPlatform
import Communication
import Evaluation
import Failures
import Fairness
import Networks
import Recipes
import Reports
import Tensors
import Training

/// One `analyze` on every rank.
struct AnalysisCourse {
  private let task: AnalysisTask
  private let names: [String]
  private let stored: [StoredModel]
  private let communicator: any Communicator
  private let console: Console
  private let threads: Int

  init(
    _ task: AnalysisTask, _ names: [String], _ stored: [StoredModel], _ communicator: any Communicator,
    _ console: Console, threads: Int
  ) {
    self.task = task
    self.names = names
    self.stored = stored
    self.communicator = communicator
    self.console = console
    self.threads = threads
  }

  /// Analyses all models.
  ///
  /// - Throws: `Failure`; `Interruption` where a rank is asked to stop.
  func run() throws -> (AnalysisPage, Analysis) {
    // What is wrong with a later model is said before hours go into the first.
    let recipes = try stored.map { try recipe($0) }
    var found: [AnalysedRun] = []
    var pace = AnalysisPace(console, models: names)
    for (index, stored) in stored.enumerated() {
      let (run, weights) = try prepare(stored, recipes[index], speaks: true)
      guard run.dataset.test.count > 0 else {
        throw Failure(.badData, "there are no test images to analyse \(names[index]) by: give others by --data DIR")
      }
      let subject = try communicator.fromRoot { EvaluationSubject(stored, task.weights, run) }
      pace.begin(index, passes: passes(run))
      let model = AnalysedModel(
        name: names[index], place: stored.title, subject: subject, classNames: stored.classNames ?? run.classNames)
      found.append(try run.analyse(weights, model, by: task.plan) { pace.show($0, $1) })
      pace.end()
      say(found[index].analysis)
    }
    let (transfer, notes) = try transfer(found, recipes, &pace)
    for note in notes { console.note(note) }
    let analysis = Analysis(
      steps: task.plan.steps, epsilon: task.plan.epsilon, models: found.map(\.analysis), transfer: transfer)
    return (AnalysisPage(analysis, pictures: found.map(\.pictures), notes: notes), analysis)
  }

  /// Passes for all images of a run.
  private func passes(_ run: Run) -> Int {
    run.dataset.test.count
      * task.plan.passes(targets: TargetedSuccess.targets(ConfusionMatrix(classCount: run.network.classCount)).count)
  }

  /// The recipe of a model on the data that judges it.
  private func recipe(_ stored: StoredModel) throws -> Recipe {
    var recipe = try stored.evaluationRecipe(data: task.data)
    if let limit = task.limit { recipe.data.limitTest = limit }
    if let batch = task.batch { recipe.evaluation.batch = batch }
    return recipe
  }

  /// A model and what it runs on.
  private func prepare(_ stored: StoredModel, _ recipe: Recipe, speaks: Bool) throws -> (Run, Model) {
    let run = try Run(
      recipe: recipe, communicator: communicator, threads: threads, trains: false, stalls: Launching.stalls)
    let weights = Model(parameters: run.network.parameters, statistics: run.network.statistics)
    if speaks {
      for note in [run.memoryNote].compactMap(\.self) + stored.notes + run.dataset.notes + run.shortage.notes {
        console.note(note)
      }
    }
    _ = try communicator.onRoot {
      let model = try stored.read(
        into: weights, NormalisationOptions.statement(task.normalisation), data: task.data,
        presumed: { stored.presumedNormalisation(run) })
      if speaks { for note in stored.comparison(model, run) { console.note(note) } }
    }
    try weights.broadcast(communicator)
    run.stop.request = { platform_signals_received() == 0 ? .none : .signal }
    return (run, weights)
  }

  /// Adversaries of each model judged by each other one; of one model, and of models on different images, there is none.
  private func transfer(
    _ found: [AnalysedRun], _ recipes: [Recipe], _ pace: inout AnalysisPace
  ) throws -> (Transfer?, notes: [String]) {
    guard found.count > 1 else { return (nil, []) }
    let first = found[0].analysis
    for other in found.dropFirst().map(\.analysis) {
      let differs =
        other.subject.digest != first.subject.digest
        ? "other images" : other.robust.classCount != first.robust.classCount ? "another number of classes" : nil
      if let differs {
        return (
          nil,
          ["no transfer between models: \(other.name) has \(differs) than \(first.name); give models of one data set"]
        )
      }
    }
    var matrices = found.map { own in found.map { _ in own.analysis.robust } }
    for (judge, stored) in stored.enumerated() {
      let (run, weights) = try prepare(stored, recipes[judge], speaks: false)
      pace.begin(judge, passes: run.dataset.test.count * (found.count - 1), isLast: judge + 1 == found.count)
      var done = 0
      for (source, model) in found.enumerated() where source != judge {
        matrices[source][judge] = try run.transferred(weights, adversaries: model.trace.adversaries) {
          pace.show("adversaries of \(names[source])", done + $0)
        }
        done += run.dataset.test.count
      }
      pace.end()
    }
    return (Transfer(matrices), [])
  }

  private func say(_ model: ModelAnalysis) {
    func percent(_ value: Double?) -> String { Figures.percent(value) }
    console.say("")
    console.say(
      "\(model.name): clean \(percent(model.clean.accuracy)) %, worst class \(percent(model.clean.worst)) %; "
        + "PGD-\(task.plan.steps) \(Figures.radius(task.plan.epsilon)) \(percent(model.robust.accuracy)) %, worst class "
        + "\(percent(model.robust.worst)) %")
    var table = TextTable(["epsilon"] + model.byEpsilon.points.map { Figures.radius($0.epsilon) })
    table.add(["robust %"] + model.byEpsilon.points.map { percent($0.robustAccuracy) })
    table.add(["worst class %"] + model.byEpsilon.points.map { percent($0.robustWorst) })
    console.say(table)
    for warning in model.warnings { console.note("warning: \(model.name): \(warning.text)") }
  }
}
