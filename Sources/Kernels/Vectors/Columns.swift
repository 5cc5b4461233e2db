// One value for each of four neighbouring vectors of channels, written out: fields become registers, the elements of an
// array do not. Loops over the pixels of an image take four vectors at a time, so that neighbouring channels are read
// together and no sum waits for the one before it; each lane adds up as it would alone.

/// Four values, for the channels from 0, `lanes`, 2 · `lanes` and 3 · `lanes` on.
struct Columns<Element> {
  private var e0, e1, e2, e3: Element

  /// Channels that four vectors hold.
  static var width: Int { 4 * lanes }

  /// The value that `make` gives for each first channel.
  @inline(__always)
  init(_ make: (_ channel: Int) -> Element) {
    e0 = make(0)
    e1 = make(lanes)
    e2 = make(2 * lanes)
    e3 = make(3 * lanes)
  }

  /// What `transform` makes of another's values.
  @inline(__always)
  init<Other>(_ other: Columns<Other>, _ transform: (Other) -> Element) {
    e0 = transform(other.e0)
    e1 = transform(other.e1)
    e2 = transform(other.e2)
    e3 = transform(other.e3)
  }

  /// Changes each value in the light of its first channel and of another's value there.
  @inline(__always)
  mutating func update<Other>(with other: Columns<Other>, _ body: (inout Element, Other, _ channel: Int) -> Void) {
    body(&e0, other.e0, 0)
    body(&e1, other.e1, lanes)
    body(&e2, other.e2, 2 * lanes)
    body(&e3, other.e3, 3 * lanes)
  }

  /// Visits the values in order.
  @inline(__always)
  func forEach(_ body: (Element, _ channel: Int) -> Void) {
    body(e0, 0)
    body(e1, lanes)
    body(e2, 2 * lanes)
    body(e3, 3 * lanes)
  }
}
