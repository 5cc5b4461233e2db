// An attack made of others: each search goes on with the examples that the one before left unbroken.

import Classification
import Tensors

/// A search toward each of the classes that a model finds likeliest after the label, one after another.
package struct Targets: Attack {
  private let base: any Attack
  /// At most so many classes: as many as there are besides the label.
  private let count: Int

  package init(_ base: any Attack, count: Int = 9) {
    self.base = base
    self.count = count
  }

  package func passes(classes: Int) -> AttackPasses {
    let each = base.passes(classes: classes) + AttackPasses(forward: 1)
    return AttackPasses(forward: 1) + min(count, classes - 1) * each
  }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    guard problem.activeCount > 0 else { return }
    let logits = try model.logits(of: workspace.gathered(problem.original, problem.active))
    let classes = logits.shape.c
    var ranked = [[Int]](repeating: [], count: problem.goals.count)
    for (place, n) in problem.active.enumerated() {
      let z = logits.image(place)
      // Equal logits in the order of the classes.
      ranked[n] = (0..<classes).filter { $0 != problem.goals[n].label }.sorted {
        z[$0] == z[$1] ? $0 < $1 : z[$0] > z[$1]
      }
    }
    let first = problem.random.restart
    var problem = problem
    for rank in 0..<min(count, classes - 1) where problem.activeCount > 0 {
      var goals = problem.goals
      for n in problem.active { goals[n] = .reach(ranked[n][rank], from: goals[n].label) }
      let next = problem.aiming(goals, restart: first + rank)
      let predictions = try base.judged(next, of: model, workspace)
      problem = problem.selecting(problem.active.filter { predictions[$0] == goals[$0].label })
    }
  }
}

/// Searches of their own one after another, each with other random numbers.
package struct Successive: Attack {
  private let parts: [any Attack]

  package init(_ parts: [any Attack]) { self.parts = parts }

  package func passes(classes: Int) -> AttackPasses {
    parts.reduce(AttackPasses(forward: 0)) { $0 + $1.passes(classes: classes) + AttackPasses(forward: 1) }
  }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    let first = problem.random.restart
    var problem = problem
    for (number, part) in parts.enumerated() where problem.activeCount > 0 {
      let next = problem.aiming(restart: first + number)
      let predictions = try part.judged(next, of: model, workspace)
      problem = problem.selecting(problem.active.filter { predictions[$0] == problem.goals[$0].label })
    }
  }
}
