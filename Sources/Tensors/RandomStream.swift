// Randomness is addressed, not drawn: what an example gets depends on nothing but its address, so neither the number of
// ranks, nor the order of a batch, nor a resume can change it.
//
// Address (seed, purpose, epoch, example, step, variant) and position i in the stream map to Philox as
//   key     = seed
//   counter = (i / 4, example, epoch, purpose << 26 | step << 10 | variant),  word i % 4.

/// What a random number is for. The raw value is part of every address and so of every result: never renumber.
package enum RandomPurpose: UInt32, Sendable {
  case initialization = 1
  case shuffle = 2
  case crop = 3
  case flip = 4
  case target = 5
  case attackStart = 6
  case evaluationAttack = 7
  case validationAttack = 8
  case syntheticData = 9
  case corruption = 12
  case dropPath = 14
  case attackDropPath = 15
  case bootstrap = 20
  case resizedCrop = 21
  case jitter = 22
  case rotation = 23
  case erasing = 24
  case test = 63
}

/// One addressed stream of random numbers.
///
/// Reading is by position, without state: `stream.uniform(at: 7)` is always the same number.
package struct RandomStream: Sendable {
  @usableFromInline let seed: UInt64
  @usableFromInline let example: UInt32
  @usableFromInline let epoch: UInt32
  @usableFromInline let tag: UInt32

  /// The stream at an address; `step` below 65,536, `variant` (a restart or a target's rank) below 1,024.
  package init(
    seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, example: Int = 0, step: Int = 0, variant: Int = 0
  ) {
    precondition(step < 1 << 16 && variant < 1 << 10, "address out of range")
    self.seed = seed
    self.example = UInt32(truncatingIfNeeded: example)
    self.epoch = UInt32(truncatingIfNeeded: epoch)
    tag = purpose.rawValue << 26 | UInt32(step) << 10 | UInt32(variant)
  }

  /// The words 4·block ..< 4·block + 4.
  @inlinable
  package func words(block: Int) -> SIMD4<UInt32> {
    Philox.block(SIMD4(UInt32(truncatingIfNeeded: block), example, epoch, tag), key: seed)
  }

  /// The word at a position.
  @inlinable
  package func word(at position: Int) -> UInt32 { words(block: position >> 2)[position & 3] }

  /// A uniform Float in [0, 1): the upper 24 bits of the word.
  @inlinable
  package func uniform(at position: Int) -> Float { Self.uniform(word(at: position)) }

  /// The uniform Float in [0, 1) of a word: its upper 24 bits.
  @inlinable
  package static func uniform(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }

  /// Calls `body` with the first `count` words in their order.
  @inlinable
  package func forEachWord(_ count: Int, _ body: (_ i: Int, _ word: UInt32) -> Void) {
    for block in 0..<(count + 3) / 4 {
      let words = words(block: block)
      for i in 0..<min(4, count - 4 * block) { body(4 * block + i, words[i]) }
    }
  }

  /// A uniform integer in 0 ..< bound, by the high half of a 32 x 32 product (bias below bound / 2^32).
  @inlinable
  package func integer(below bound: Int, at position: Int) -> Int {
    Int((UInt64(word(at: position)) &* UInt64(bound)) >> 32)
  }
}
