// Memory that is written or read when the products of a group of images are done: outputs, what is added to them, what the
// next group reads. A core waits for memory a hundred times longer than a multiply-add takes, and the products leave memory
// idle; so its cache lines are asked for while they run, a few at a time, all at the pace at which they will be needed.

import CVector

/// Up to six runs of memory whose cache lines are fetched in even steps. A hint: it changes no value.
package struct FetchAhead {
  private struct Run {
    var next: UnsafePointer<Float>
    var rest: Int
    var share = 0
  }

  private var runs = InlineArray<6, Run?>(repeating: nil)
  private var count = 0

  /// Nothing to fetch.
  package init() {}

  /// Adds `count` Floats from `start` on; a run too many is left out.
  package mutating func add(_ start: UnsafePointer<Float>?, count: Int) {
    guard let start, count > 0, self.count < runs.count else { return }
    runs[self.count] = Run(next: start, rest: count)
    self.count += 1
  }

  /// Adds what products write and what is added to them, and divides all runs into so many steps.
  func beside(
    _ output: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, count: Int, steps: Int
  ) -> FetchAhead {
    var all = self
    all.add(output, count: count)
    if residual != output { all.add(residual, count: count) }
    all.spread(over: steps)
    return all
  }

  /// Divides all runs into so many steps.
  mutating func spread(over steps: Int) {
    for i in 0..<count {
      let lines = (runs[i]!.rest + Self.line - 1) / Self.line
      runs[i]!.share = (lines + steps - 1) / steps * Self.line
    }
  }

  /// Takes one step; behind the last there is nothing to do.
  @inline(__always)
  mutating func step() {
    for i in 0..<count {
      var at = 0
      let end = min(runs[i]!.share, runs[i]!.rest)
      while at < end {
        vector_prefetch(runs[i]!.next + at)
        at += Self.line
      }
      runs[i]!.next += end
      runs[i]!.rest -= end
    }
  }

  /// Floats in a cache line.
  private static var line: Int { 16 }
}
