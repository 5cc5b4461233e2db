// The two losses of the training methods, from logits [N, K], with p = softmax of the logits:
//
//   cross-entropy  CE = −log p_label                          dCE/dz_k = p_k − [k = label]
//   divergence     KL(p‖q) = sum p_k (log p_k − log q_k)      dKL/dzq_k = q_k − p_k
//                                                             dKL/dzp_k = p_k (log p_k − log q_k − KL)

import Foundation

/// log softmax of each row of logits [N, K].
package func logSoftmax(_ logits: OracleTensor) -> OracleTensor {
  var result = logits
  for n in 0..<logits.shape[0] {
    let row = (0..<logits.shape[1]).map { logits[n, $0] }
    let largest = row.max()!
    let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
    for k in row.indices { result[n, k] = row[k] - logSum }
  }
  return result
}

/// Cross-entropy of logits [N, K] with labels: its value per example [N], the mean over the batch, and the gradient of
/// that mean in the logits (the gradient of the sum is N times as large).
package func crossEntropy(
  _ logits: OracleTensor, labels: [Int]
) -> (perExample: [Double], mean: Double, dlogits: OracleTensor) {
  let n = logits.shape[0]
  precondition(labels.count == n)
  let logP = logSoftmax(logits)
  var dlogits = logP.map { exp($0) / Double(n) }
  for i in 0..<n { dlogits[i, labels[i]] -= 1 / Double(n) }
  let losses = (0..<n).map { -logP[$0, labels[$0]] }
  return (losses, losses.reduce(0, +) / Double(n), dlogits)
}

/// KL(p‖q) of p = softmax(pLogits) and q = softmax(qLogits), both [N, K]: per example [N], the mean over the batch, and
/// the gradients of that mean in both logits.
package func klDivergence(
  _ pLogits: OracleTensor, _ qLogits: OracleTensor
) -> (perExample: [Double], mean: Double, dpLogits: OracleTensor, dqLogits: OracleTensor) {
  let (n, classes) = (pLogits.shape[0], pLogits.shape[1])
  let (logP, logQ) = (logSoftmax(pLogits), logSoftmax(qLogits))
  var losses = Array(repeating: 0.0, count: n)
  var (dp, dq) = (pLogits, qLogits)
  for i in 0..<n {
    for k in 0..<classes { losses[i] += exp(logP[i, k]) * (logP[i, k] - logQ[i, k]) }
    for k in 0..<classes {
      dp[i, k] = exp(logP[i, k]) * (logP[i, k] - logQ[i, k] - losses[i]) / Double(n)
      dq[i, k] = (exp(logQ[i, k]) - exp(logP[i, k])) / Double(n)
    }
  }
  return (losses, losses.reduce(0, +) / Double(n), dp, dq)
}
