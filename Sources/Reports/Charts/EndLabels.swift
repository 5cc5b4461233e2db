// Names at the ends of lines, moved apart where they would lie on each other.

/// Places labels in a column.
package enum EndLabels {
  /// The heights of labels nearest to those wanted, at least `spacing` apart and in the same order, within `range` as
  /// long as they fit.
  ///
  /// Labels that touch form a block that sits at the mean of what its members want.
  package static func places(wanted: [Double], spacing: Double, in range: ClosedRange<Double>) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    // A block of n labels from `top` on.
    var blocks: [(sum: Double, count: Int)] = []
    func top(_ block: (sum: Double, count: Int)) -> Double {
      let length = Double(block.count - 1) * spacing
      let free = block.sum / Double(block.count)
      return max(range.lowerBound, min(free, range.upperBound - length))
    }
    for index in order {
      blocks.append((wanted[index], 1))
      while blocks.count > 1 {
        let (upper, lower) = (blocks[blocks.count - 2], blocks[blocks.count - 1])
        guard top(upper) + Double(upper.count) * spacing > top(lower) else { break }
        blocks.removeLast(2)
        // What the lower one's members want, in terms of the first member's place.
        blocks.append((upper.sum + lower.sum - Double(upper.count * lower.count) * spacing, upper.count + lower.count))
      }
    }
    var places = [Double](repeating: 0, count: wanted.count)
    var next = order.makeIterator()
    for block in blocks {
      for member in 0..<block.count {
        if let index = next.next() { places[index] = top(block) + Double(member) * spacing }
      }
    }
    return places
  }
}
