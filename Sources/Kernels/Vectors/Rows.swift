// One value for each row of a register tile, written out: fields become registers, the elements of an array do not.

#if FAIRTAT_AVX512
  /// Rows in a tile: with two vectors each, 16 of the 32 registers of AVX-512.
  package let tileRows = 8
#else
  /// Rows in a tile: with two vectors each, 12 of the 16 registers of AVX2 and the baseline.
  package let tileRows = 6
#endif

/// `tileRows` values.
struct Rows<Element> {
  private var e0, e1, e2, e3, e4, e5: Element
  #if FAIRTAT_AVX512
    private var e6, e7: Element
  #endif

  /// The value that `make` gives for each row.
  @inline(__always)
  init(each make: (Int) -> Element) {
    e0 = make(0)
    e1 = make(1)
    e2 = make(2)
    e3 = make(3)
    e4 = make(4)
    e5 = make(5)
    #if FAIRTAT_AVX512
      e6 = make(6)
      e7 = make(7)
    #endif
  }

  /// The same value in each row.
  @inline(__always)
  init(repeating value: Element) { self.init(each: { _ in value }) }

  /// What `transform` makes of another's values, row by row.
  @inline(__always)
  init<Other>(_ other: Rows<Other>, _ transform: (Other) -> Element) {
    e0 = transform(other.e0)
    e1 = transform(other.e1)
    e2 = transform(other.e2)
    e3 = transform(other.e3)
    e4 = transform(other.e4)
    e5 = transform(other.e5)
    #if FAIRTAT_AVX512
      e6 = transform(other.e6)
      e7 = transform(other.e7)
    #endif
  }

  /// Changes each row's value in the light of another's of the same row.
  ///
  /// - Parameter isFull: a constant; without it, only of the first four rows.
  @inline(__always)
  mutating func update<Other>(with other: Rows<Other>, isFull: Bool = true, _ body: (inout Element, Other) -> Void) {
    body(&e0, other.e0)
    body(&e1, other.e1)
    body(&e2, other.e2)
    body(&e3, other.e3)
    if !isFull { return }
    body(&e4, other.e4)
    body(&e5, other.e5)
    #if FAIRTAT_AVX512
      body(&e6, other.e6)
      body(&e7, other.e7)
    #endif
  }

  /// Changes each row's value in the light of its number.
  @inline(__always)
  mutating func update(_ body: (inout Element, Int) -> Void) {
    body(&e0, 0)
    body(&e1, 1)
    body(&e2, 2)
    body(&e3, 3)
    body(&e4, 4)
    body(&e5, 5)
    #if FAIRTAT_AVX512
      body(&e6, 6)
      body(&e7, 7)
    #endif
  }

  /// Visits the rows in order.
  ///
  /// - Parameter isFull: a constant; without it, only the first four.
  @inline(__always)
  func forEach(isFull: Bool = true, _ body: (Int, Element) -> Void) {
    body(0, e0)
    body(1, e1)
    body(2, e2)
    body(3, e3)
    if !isFull { return }
    body(4, e4)
    body(5, e5)
    #if FAIRTAT_AVX512
      body(6, e6)
      body(7, e7)
    #endif
  }
}
