// The softmax of rows, and its gradient:
//
//   a_j = e^(s_j − max s) / Σ_k e^(s_k − max s),   ds_j = a_j·(da_j − Σ_k da_k·a_k)
//
// Sums run by lanes, which are added in order at the end, then the rest of the row.

enum Softmax {
  /// Overwrites a row by its softmax.
  static func forward(_ row: UnsafeMutablePointer<Float>, count: Int) {
    let whole = count / lanes * lanes
    var largest = -Float.infinity
    for j in 0..<count { largest = max(largest, row[j]) }
    var sums = Vector.zero
    for j in stride(from: 0, to: whole, by: lanes) {
      let e = VectorExponential.ofNonPositive(load(row + j) - Vector(repeating: largest))
      store(e, row + j)
      sums += e
    }
    var total: Float = 0
    for lane in 0..<lanes { total += sums[lane] }
    for j in whole..<count {
      row[j] = VectorExponential.ofNonPositive(Vector(repeating: row[j] - largest))[0]
      total += row[j]
    }
    let inverse = 1 / total
    for j in 0..<count { row[j] *= inverse }
  }

  /// Overwrites the gradient in a softmax by that in its row.
  static func backward(_ gradient: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, count: Int) {
    let whole = count / lanes * lanes
    var sums = Vector.zero
    for j in stride(from: 0, to: whole, by: lanes) { sums = sums.plus(load(gradient + j), times: load(a + j)) }
    var total: Float = 0
    for lane in 0..<lanes { total += sums[lane] }
    for j in whole..<count { total = total.plus(gradient[j], times: a[j]) }
    for j in stride(from: 0, to: whole, by: lanes) {
      store(load(a + j) * (load(gradient + j) - Vector(repeating: total)), gradient + j)
    }
    for j in whole..<count { gradient[j] = a[j] * (gradient[j] - total) }
  }
}
