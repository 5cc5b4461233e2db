// Small damages of a file, made up from a seed and a number: the same ones for the same seed and number, so that what a
// test met can be met again.

import Tensors

/// Damages bytes in ways that files are damaged in, and in ways that only malice thinks of.
package struct Mutator: Sendable {
  private let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// The bytes after one to four changes.
  package func mutated(_ bytes: [UInt8], number: Int) -> [UInt8] {
    var draws = Draws(RandomStream(seed: seed, purpose: .test, example: number))
    var bytes = bytes
    for _ in 0...draws.below(4) {
      let change = Change.allCases[draws.below(Change.allCases.count)]
      change.apply(to: &bytes, &draws)
    }
    return bytes
  }
}

/// Random numbers one after the other.
struct Draws {
  private let stream: RandomStream
  private var position = 0

  init(_ stream: RandomStream) { self.stream = stream }

  /// A number in 0 ..< bound; 0 where there is none.
  mutating func below(_ bound: Int) -> Int {
    position += 1
    return bound < 1 ? 0 : stream.integer(below: bound, at: position - 1)
  }

  /// A range of up to `length` places in 0 ..< count.
  mutating func range(in count: Int, upTo length: Int) -> Range<Int> {
    let start = below(count)
    return start..<min(count, start + 1 + below(length))
  }

  /// One of several; nil of none.
  mutating func one<Element>(of elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[below(elements.count)]
  }
}
