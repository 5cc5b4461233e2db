// The values of a layout: weights, gradients, momentum, averages, running statistics are all of this type.

import Kernels
import Tensors

/// Flat memory of one layout.
package struct ParameterBuffer: Sendable {
  package let layout: ParameterLayout
  package let values: Tensor

  /// Zeros.
  package init(_ layout: ParameterLayout) {
    self.layout = layout
    values = Tensor(Shape(n: 1, c: layout.count))
  }

  /// The first element of a slot.
  package subscript(slot: ParameterSlot) -> UnsafeMutablePointer<Float> { values.pointer + slot.offset }

  /// Whether all values are numbers.
  package var isFinite: Bool { values.elements.allSatisfy(\.isFinite) }

  /// Overwrites all values with those of another buffer of the same layout.
  package func copy(from other: ParameterBuffer) {
    precondition(layout.count == other.layout.count)
    values.pointer.update(from: other.values.pointer, count: layout.count)
  }

  /// self = decay·self + (1 − decay)·other.
  package func average(towards other: ParameterBuffer, decay: Float) {
    precondition(layout.count == other.layout.count)
    Elementwise.average(values.pointer, towards: other.values.pointer, decay: decay, count: layout.count)
  }

  /// The elements of a slot in PyTorch's order.
  package func exported(_ slot: ParameterSlot) -> [Float] {
    let p = self[slot]
    guard slot.role == .filter else { return Array(UnsafeBufferPointer(start: p, count: slot.count)) }
    var values = [Float](repeating: 0, count: slot.count)
    Self.forEachFilterElement(slot) { values[$0.theirs] = p[$0.ours] }
    return values
  }

  /// Takes the elements of a slot in PyTorch's order.
  package func `import`(_ values: [Float], into slot: ParameterSlot) {
    precondition(values.count == slot.count)
    let p = self[slot]
    if slot.role == .filter {
      Self.forEachFilterElement(slot) { p[$0.ours] = values[$0.theirs] }
    } else {
      for i in values.indices { p[i] = values[i] }
    }
  }

  /// Pairs of positions of the same filter element: (kh, kw, I, O) here, (O, I, kh, kw) there.
  private static func forEachFilterElement(_ slot: ParameterSlot, _ body: ((ours: Int, theirs: Int)) -> Void) {
    let (o, i, kh, kw) = (slot.shape[0], slot.shape[1], slot.shape[2], slot.shape[3])
    for a in 0..<o {
      for b in 0..<i {
        for y in 0..<kh {
          for x in 0..<kw {
            body((ours: ((y * kw + x) * i + b) * o + a, theirs: ((a * i + b) * kh + y) * kw + x))
          }
        }
      }
    }
  }
}
