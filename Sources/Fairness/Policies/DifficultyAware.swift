// DAFA: after a warm-up, margins, steps and loss weights by how classes are mistaken for each other.
//
//   S_ij = mean over the examples of class i of p_j(x'), adversaries of the last epoch of the warm-up
//   W_i  = 1 + Σ_{j≠i} ( S_ii < S_jj ? +λ·S_ij·S_jj : −λ·S_ji·S_ii )
//   from then on epsilon_i = W_i·ε, step W_i·α, weight of cross-entropy W_i
//
// Once: the weights are remembered, so a run that is given another length, and with it another warm-up, keeps those it has, or
// takes them from the first whole epoch that it still trains.
//
// Lee et al., ICLR 2024 (arXiv:2401.12532), losses.py, utils.py; λ = 1 for CIFAR-10, 1.5 for CIFAR-100.

/// The policy of DAFA.
package struct DifficultyAware: FairnessPolicy, Equatable {
  /// The first epoch with weights, from 0; nil where the run is too short.
  package let begin: Int?
  package let lambda: Double
  /// ε and α, in units of [0, 1] pixels.
  package let epsilon: Double, stepSize: Double

  package init(begin: Int?, lambda: Double = 1, epsilon: Double, stepSize: Double) {
    self.begin = begin
    self.lambda = lambda
    self.epsilon = epsilon
    self.stepSize = stepSize
  }

  package var fault: String? {
    begin == 0
      ? "the class weights come from the last epoch of the warm-up: method.warm-up must be one epoch at least" : nil
  }
  package var remark: String? {
    begin == nil ? "the warm-up lasts to the end of the run: class weights never come (method.warm-up)" : nil
  }

  /// Under this name the weights W_i are remembered.
  private static let name = "dafa"

  package func needsPredictions(during epoch: Int, _ memory: PolicyMemory) -> Bool {
    begin.map { epoch >= $0 - 1 } ?? false && memory[Self.name] == nil
  }

  /// A class without examples keeps its row, and says nothing about the others.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard statistics.endsEpoch, let sums = state.predictionSums else { return }
    state.predictionSums = nil
    // In an epoch that a run went back into, some examples may have passed before anybody asked.
    let examples = sums.reduce(0, +) / PredictionSums.unit
    let isWhole = abs(examples / Double(max(1, state.epochCounts.total)) - 1) < 1e-3
    guard let begin, state.epoch >= begin, isWhole, state.memory[Self.name] == nil else { return }
    let similarity = PredictionSums.means(sums, classCount: state.settings.classCount)
    var weights = [Double](repeating: 1, count: similarity.count)
    for (i, row) in similarity.enumerated() {
      guard let own = row else { continue }
      var weight = 1.0
      for (j, row) in similarity.enumerated() where j != i {
        guard let other = row else { continue }
        weight += own[i] < other[j] ? lambda * own[j] * other[j] : -lambda * other[i] * own[i]
      }
      // Many classes that are mistaken for one strong class could take more than there is.
      weight = max(weight, 0)
      weights[i] = weight
      state.settings[i].epsilon = Float(weight * epsilon)
      state.settings[i].stepSize = Float(weight * stepSize)
      state.settings[i].lossWeight = Float(weight)
    }
    state.memory[Self.name] = weights
  }
}
