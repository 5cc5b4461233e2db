// When the search for an example ends before all steps are made, and what becomes of the passes then.
//
// Each example has a budget τ of steps from misclassified iterates. Judged is the iterate before each step, by the prediction
// being another class than the label:
//
//   misclassified         one that is misclassified with nothing left of its budget is done; one that is right goes on.
//                         FAT (Zhang et al., ICML 2020), earlystop.py; "first adversarial" of BAT
//   spent budget          one whose budget is spent is done, right or wrong. FAT as in CFA (attack.py)
//   before misclassified  a misclassified one goes back to the iterate before, and is done. "Last clean" of BAT

import Classification
import Tensors

/// The rule by which an example is done early.
package enum EarlyStopping: Equatable, Sendable {
  case never
  case misclassified(budget: Int)
  case spentBudget(Int)
  case beforeMisclassified

  /// τ.
  var budget: Int {
    switch self {
    case .misclassified(let budget), .spentBudget(let budget): budget
    case .never, .beforeMisclassified: 0
    }
  }
}

/// What becomes of examples that are done.
package enum StoppedExamples: String, CaseIterable, Sendable {
  /// They stay in every pass; the search ends when all are done on all ranks. Needed where examples share batch statistics.
  case stay
  /// They leave the passes, which become smaller; each rank ends by itself.
  case leave
}

/// Which examples are still searched for; memory of a workspace.
final class Search {
  /// The examples that pass through the model, ascending.
  private(set) var passed: [Int] = []
  /// Whether each of those moves.
  private(set) var moves: [Bool] = []
  /// What is left of each example's τ.
  private var budget: [Int] = []
  /// The iterate before the last of each example, where the rule asks for it.
  private var before: Tensor?
  /// Whether a step was made.
  private var hasMoved = false
  /// The candidates of the examples that are left, side by side.
  private var compact: Tensor?

  /// Starts with the active examples.
  func begin(_ problem: AttackProblem, _ stopping: EarlyStopping) {
    if stopping == .beforeMisclassified { before = room(before, like: problem.adversarial) }
    hasMoved = false
    passed.removeAll(keepingCapacity: true)
    moves.removeAll(keepingCapacity: true)
    budget.removeAll(keepingCapacity: true)
    for place in 0..<problem.activeCount {
      passed.append(problem.active(place))
      moves.append(true)
      budget.append(stopping.budget)
    }
  }

  /// The images that pass through the model: all, or those of the examples that are left.
  func candidates(of adversarial: Tensor) -> Tensor {
    if passed.count == adversarial.shape.n { return adversarial }
    let memory = room(compact, like: adversarial)
    compact = memory
    let images = memory.prefix(passed.count)
    for (place, n) in passed.enumerated() {
      images.image(place).update(from: adversarial.image(n), count: adversarial.shape.imageCount)
    }
    return images
  }

  /// Decides from the logits of the images passed who moves once more.
  func judge(_ logits: Tensor, _ goals: [Goal], _ stopping: EarlyStopping, _ adversarial: Tensor) {
    for (place, n) in passed.enumerated() where moves[place] {
      let isWrong = CrossEntropy.prediction(logits, place) != goals[n].label
      switch stopping {
      case .never: break
      case .misclassified:
        if isWrong && budget[n] == 0 { moves[place] = false }
        if isWrong && budget[n] > 0 { budget[n] -= 1 }
      case .spentBudget:
        if budget[n] == 0 { moves[place] = false }
        if isWrong && budget[n] > 0 { budget[n] -= 1 }
      case .beforeMisclassified:
        guard isWrong else { break }
        moves[place] = false
        if let before, hasMoved { Self.copy(n, from: before, to: adversarial) }
      }
    }
    hasMoved = true
  }

  /// Remembers the iterate of an example before it moves, where the rule asks for it.
  func keep(_ n: Int, of adversarial: Tensor) {
    if let before { Self.copy(n, from: adversarial, to: before) }
  }

  private static func copy(_ n: Int, from: Tensor, to: Tensor) {
    to.image(n).update(from: from.image(n), count: from.shape.imageCount)
  }

  /// Whether nobody moves any more: here, or where ranks must agree, anywhere.
  func isOver(_ allAgree: ((Bool) throws -> Bool)?) throws -> Bool {
    let isDone = !moves.contains(true)
    return try allAgree?(isDone) ?? isDone
  }

  /// Lets the examples that are done leave.
  func drop() {
    var left = 0
    for place in passed.indices where moves[place] {
      passed[left] = passed[place]
      moves[left] = true
      left += 1
    }
    passed.removeLast(passed.count - left)
    moves.removeLast(moves.count - left)
  }

  /// `memory` if so many images have room in it, else new memory.
  private func room(_ memory: Tensor?, like images: Tensor) -> Tensor {
    guard let memory, memory.shape.n >= images.shape.n, memory.shape.imageCount == images.shape.imageCount else {
      return Tensor(images.shape)
    }
    return memory
  }
}
