// One flat memory for all parameters, with named slots: optimizer, reduction, digest and average are loops over one array.

/// What a tensor is, for exchange.
package enum ParameterRole: String, Sendable {
  /// Filters; in memory (kh, kw, I, O), in files PyTorch's (O, I, kh, kw).
  case filter
  /// A matrix (out, in).
  case matrix
  /// The bias of a matrix.
  case bias
  /// γ of a normalisation.
  case scale
  /// β of a normalisation.
  case shift
  case runningMean
  case runningVariance
}

/// Where one named tensor lives in flat memory.
package struct ParameterSlot: Hashable, Sendable {
  /// PyTorch's spelling, such as `layer1.0.conv1.weight`.
  package let name: String
  /// PyTorch's extents, outermost first: (O, I, kh, kw) for filters.
  package let shape: [Int]
  /// Position of the first element in the flat memory.
  package let offset: Int
  package let role: ParameterRole
  /// What it begins with.
  package let initializer: Initializer
  /// Whether an optimizer that tells tensors apart lets it decay.
  package let decays: Bool

  /// Elements.
  package var count: Int { shape.reduce(1, *) }
  /// PyTorch's name of the layer that it is of, such as `layer1.0.conv1`.
  package var layer: Substring { name[..<(name.lastIndex(of: ".") ?? name.startIndex)] }
}

/// The slots of one kind of state, in PyTorch's order.
package struct ParameterLayout: Hashable, Sendable {
  package private(set) var slots: [ParameterSlot] = []
  /// Floats of the flat memory; each slot starts on a cache line, the gaps stay zero.
  package private(set) var count = 0

  package init() {}

  /// Elements of all slots, gaps left out.
  package var parameterCount: Int { slots.reduce(0) { $0 + $1.count } }

  /// Appends a slot.
  ///
  /// - Parameter decays: tensors of several extents, if not said otherwise.
  mutating func append(
    _ name: String, _ shape: [Int], _ role: ParameterRole, _ initializer: Initializer, decays: Bool? = nil
  ) -> ParameterSlot {
    let slot = ParameterSlot(
      name: name, shape: shape, offset: count, role: role, initializer: initializer,
      decays: decays ?? (shape.count > 1))
    slots.append(slot)
    count += (slot.count + 15) & ~15
    return slot
  }
}
