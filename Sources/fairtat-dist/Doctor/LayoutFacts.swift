// What the standard run would make of the ranks and threads at hand, and of others: predicted from a pass of few images measured here.

import Communication
import Networks
import Recipes
import Resources
import Scaling

/// Layouts of the standard run on as many nodes as there are hosts.
struct LayoutFacts {
  /// The layout of this launch.
  let own: StepEstimate
  /// The fastest that gives every core a thread.
  let best: StepEstimate

  /// Measures; a call of all ranks.
  ///
  /// - Parameter threads: of a rank of the run; nil as `auto` would give.
  /// - Returns: nil where it cannot be said: more ranks than the standard batch has shards, or not enough memory to measure.
  static func measured(_ communicator: any Communicator, threads: Int?) throws -> LayoutFacts? {
    let layout = StandardRun.layout
    let hasRoom = FreeMemory().host.map { $0 >= memory } ?? true
    guard try communicator.minimum(hasRoom ? 1 : 0) == 1, communicator.size <= layout.shardCount else { return nil }
    let recipe = Recipe()
    let share = CoreShare(host: communicator.hostName)
    let auto = share.threads(among: try communicator.allGather(coded: share))
    let images = (layout.largestShare(of: communicator.size) + auto - 1) / auto
    let measurement = try MachineMeasurement(
      { try recipe.network(NetworkConfiguration(), $0) }, convolution: recipe.engine.convolution, threads: auto,
      images: min(mostImages, images), communicator)
    guard let node = NodeFacts([(measurement.layout, measurement.reading)]) else { return nil }
    let passes = recipe.trainingMethod.passes(steps: recipe.attack.steps, allTargeted: recipe.startsTargeted)
    let model = StepModel(
      recipe, try recipe.network(NetworkConfiguration(), .describing(recipe.engine.convolution)), passes, layout,
      measurement, node: node)
    let nodes = measurement.layout.nodes
    guard let best = LayoutChoice(model, nodes: nodes).best else { return nil }
    return LayoutFacts(
      own: model.estimate(RankLayout(ranks: communicator.size, threads: threads ?? auto, nodes: nodes)), best: best)
  }

  /// More images a thread take as long for each as these, nearly.
  private static let mostImages = 8
  /// Bytes that a measurement may take, with room.
  private static let memory = 1 << 30
}
