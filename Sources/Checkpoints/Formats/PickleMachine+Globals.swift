// What the few globals of state dicts make: dictionaries, storages, tensors. Each of them is held against what it stands on
// before anything is taken for it.

import Failures

extension PickleMachine {
  mutating func pushGlobal(module: String, name: String) throws(Failure) {
    guard let global = PickleGlobal(module: module, name: name) else { throw code("\(module).\(name)") }
    stack.append(.global(global))
  }

  func code(_ name: String) -> Failure {
    Failure(
      .badData,
      "\(path) holds code: \(name); only tensors in plain containers are read, so save the state dict alone "
        + "(torch.save(model.state_dict(), ...))")
  }

  /// A call, of which there are those that make containers and tensors.
  mutating func reduce() throws(Failure) {
    guard case .sequence(let number) = try pop(), case .global(let global) = try pop() else {
      throw damaged("a call of no function")
    }
    let arguments = sequences[number]
    switch global {
    case .orderedDictionary:
      makeMapping()
      // Python 2 gives the entries as a list of pairs.
      guard let first = arguments.first else { return }
      guard case .sequence(let list) = first, arguments.count == 1 else { throw damaged("a dictionary of no entries") }
      copies += sequences[list].count
      guard copies <= Self.limit else { throw damaged("the same entries over and over") }
      for pair in sequences[list] {
        guard case .sequence(let entry) = pair, sequences[entry].count == 2 else {
          throw damaged("a dictionary of no entries")
        }
        try insert(sequences[entry])
      }
    case .tensor: try makeTensor(arguments)
    case .parameter:
      guard case .tensor? = arguments.first, arguments.count == 3 else { throw damaged("a parameter of no tensor") }
      stack.append(arguments[0])
    case .size:
      guard case .sequence? = arguments.first, arguments.count == 1 else { throw damaged("a size of no numbers") }
      stack.append(arguments[0])
    case .storage: throw damaged("a storage that is made by a call")
    }
  }

  /// `_rebuild_tensor(storage, offset, size, stride, ...)`; what follows says nothing of the numbers.
  private mutating func makeTensor(_ arguments: [PickleValue]) throws(Failure) {
    guard (4...7).contains(arguments.count), case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], let shape = extents(arguments[2]), let strides = extents(arguments[3]),
      offset >= 0, shape.count == strides.count, shape.count <= 8
    else { throw damaged("a tensor without storage, shape or strides") }
    let tensor = PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)
    let room = storages[storage].count
    guard let count = tensor.count, let end = tensor.end, end <= room else {
      throw Failure(
        .badData, "\(path) is damaged: a tensor of shape \(Self.short(shape)) in a storage of \(room) elements")
    }
    guard count <= room else {
      throw Failure(
        .badData,
        "\(path) has a tensor of shape \(Self.short(shape)) that shows its \(room) elements several times (expand): save "
          + "a copy of it (clone, contiguous)")
    }
    stack.append(.tensor(tensors.count))
    tensors.append(tensor)
  }

  private static func short(_ shape: [Int]) -> String {
    shape.count <= 6 ? "\(shape)" : "[\(shape.prefix(6).map(String.init).joined(separator: ", ")), ...]"
  }

  /// Whole numbers from 0 on.
  private func extents(_ value: PickleValue) -> [Int]? {
    guard case .sequence(let number) = value else { return nil }
    let extents = sequences[number].compactMap {
      if case .integer(let extent) = $0, extent >= 0 { extent } else { nil }
    }
    return extents.count == sequences[number].count ? extents : nil
  }

  /// The state of an object, such as the `_metadata` of a state dict: that of dictionaries is read over.
  mutating func build() throws(Failure) {
    guard case .mapping = try pop(), case .mapping? = stack.last else { throw damaged("the state of no dictionary") }
  }

  /// `("storage", type, key, location, count)`, in older files with a view, which there must not be.
  mutating func pushStorage(_ value: PickleValue) throws(Failure) {
    guard case .sequence(let number) = value, (5...6).contains(sequences[number].count) else {
      throw damaged("a storage of another form")
    }
    let fields = sequences[number]
    guard case .text("storage") = fields[0], case .global(.storage(let type)) = fields[1],
      case .text(let key) = fields[2],
      case .integer(let count) = fields[4], count >= 0
    else { throw damaged("a storage of another form") }
    if fields.count == 6 {
      guard case .none = fields[5] else { throw damaged("a storage that is part of another") }
    }
    let storage = PickleStorage(type: type, key: key, count: count)
    if let known = storageNumbers[key] {
      guard storages[known] == storage else { throw damaged("storage \(key) in two forms") }
      stack.append(.storage(known))
    } else {
      storageNumbers[key] = storages.count
      stack.append(.storage(storages.count))
      storages.append(storage)
    }
  }
}
