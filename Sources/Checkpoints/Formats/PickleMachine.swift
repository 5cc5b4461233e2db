// Reads a pickle as data. A pickle is a program for a machine with a stack and a memo (docs.python.org, pickletools); this
// machine has the instructions that make numbers, texts, lists, tuples, dictionaries and tensors, and knows the few globals
// of `PickleGlobal` by their names. Where a program would import anything else, or make an object of a class, it is refused
// with that name: nothing in a file is ever run.
//
// A program of n bytes leaves at most n values of its own and as many copies; programs are read up to `limit` bytes. That
// and some 200 bytes a value bound the memory.

import Failures

/// The machine, for programs that follow each other in some bytes.
struct PickleMachine {
  /// 1 MiB: a state dict takes some 200 bytes a tensor.
  static let limit = 1 << 20

  /// What messages call the file.
  let path: String
  private let bytes: [UInt8]
  /// The next byte.
  private(set) var position: Int
  var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// The containers, storages and tensors so far, by their numbers.
  private(set) var sequences: [[PickleValue]] = []
  private(set) var mappings: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [PickleStorage] = []
  var tensors: [PickleTensor] = []
  var storageNumbers: [String: Int] = [:]
  /// Entries that calls have copied.
  var copies = 0

  init(_ bytes: [UInt8], at position: Int = 0, path: String) {
    self.bytes = bytes
    self.position = position
    self.path = path
  }

  /// Reads one program to its end; the next one may follow.
  ///
  /// - Throws: `Failure(.badData)` for what is no pickle, or one that would run code.
  mutating func run() throws(Failure) -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    guard try byte() == 0x80 else { throw damaged("it does not begin as one") }
    let version = try byte()
    guard (2...5).contains(version) else { throw damaged("protocol \(version), known are 2 to 5") }
    while true {
      let instruction = try byte()
      if instruction == UInt8(ascii: ".") { return try pop() }
      try execute(instruction)
    }
  }

  // MARK: - Instructions

  private mutating func execute(_ instruction: UInt8) throws(Failure) {
    switch UnicodeScalar(instruction) {
    // Simple values.
    case "N": stack.append(.none)
    case "\u{88}": stack.append(.boolean(true))
    case "\u{89}": stack.append(.boolean(false))
    case "K": stack.append(.integer(Int(try byte())))
    case "M": stack.append(.integer(Int(try number(2))))
    case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
    case "\u{8A}": stack.append(Self.long(try take(Int(try byte()))))
    case "G": stack.append(.real(Double(bitPattern: try number(8).byteSwapped)))
    case "X", "T": stack.append(.text(try text(try length(4))))
    case "\u{8C}", "U": stack.append(.text(try text(Int(try byte()))))
    // Containers.
    case ")": makeSequence([])
    case "]": makeSequence([])
    case "}": makeMapping()
    case "(": marks.append(stack.count)
    case "t", "l": makeSequence(try popMark())
    case "d":
      let values = try popMark()
      makeMapping()
      try insert(values)
    case "\u{85}": try makeTuple(1)
    case "\u{86}": try makeTuple(2)
    case "\u{87}": try makeTuple(3)
    case "a": try append([try pop()])
    case "e": try append(try popMark())
    case "s":
      let value = try pop()
      try insert([try pop(), value])
    case "u": try insert(try popMark())
    // The memo.
    case "q": try memorise(Int(try byte()))
    case "r": try memorise(Int(try number(4)))
    case "\u{94}": try memorise(memo.count)
    case "h": try recall(Int(try byte()))
    case "j": try recall(Int(try number(4)))
    case "\u{95}": _ = try take(8)
    // Globals, and what is made by them.
    case "c": try pushGlobal(module: try line(), name: try line())
    case "\u{93}":
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw damaged("a global without a name")
      }
      try pushGlobal(module: module, name: name)
    case "R": try reduce()
    case "b": try build()
    case "i": throw code("\(try line()).\(try line())")
    case "Q": try pushStorage(try pop())
    default:
      let hex = String(instruction, radix: 16)
      throw damaged("instruction 0x\(hex) at byte \(position - 1), which state dicts do not need")
    }
  }

  private mutating func makeSequence(_ values: [PickleValue]) {
    stack.append(.sequence(sequences.count))
    sequences.append(values)
  }

  mutating func makeMapping() {
    stack.append(.mapping(mappings.count))
    mappings.append([])
  }

  private mutating func makeTuple(_ count: Int) throws(Failure) {
    guard stack.count >= (marks.last ?? 0) + count else { throw damaged("its stack is empty at byte \(position - 1)") }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    makeSequence(values)
  }

  private mutating func append(_ values: [PickleValue]) throws(Failure) {
    guard case .sequence(let number) = stack.last else { throw damaged("an element of no list") }
    sequences[number] += values
  }

  mutating func insert(_ values: [PickleValue]) throws(Failure) {
    guard case .mapping(let number) = stack.last, values.count % 2 == 0 else {
      throw damaged("an entry of no dictionary")
    }
    for i in stride(from: 0, to: values.count, by: 2) { mappings[number].append((values[i], values[i + 1])) }
  }

  private mutating func memorise(_ place: Int) throws(Failure) {
    guard let top = stack.last else { throw damaged("its stack is empty at byte \(position - 1)") }
    memo[place] = top
  }

  private mutating func recall(_ place: Int) throws(Failure) {
    guard let value = memo[place] else { throw damaged("it recalls what it did not keep") }
    stack.append(value)
  }

  // MARK: - Bytes

  func damaged(_ what: String) -> Failure {
    Failure(.badData, "\(path) is no pickle of tensors: \(what)")
  }

  mutating func pop() throws(Failure) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw damaged("its stack is empty at byte \(position - 1)")
    }
    return value
  }

  /// The values above the last mark.
  private mutating func popMark() throws(Failure) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damaged("a mark is missing at byte \(position - 1)") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func byte() throws(Failure) -> UInt8 {
    guard position < bytes.count else { throw damaged("it ends early") }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw damaged("it ends early") }
    position += count
    return bytes[position - count..<position]
  }

  /// A little-endian number.
  private mutating func number(_ size: Int) throws(Failure) -> UInt64 {
    try take(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func length(_ size: Int) throws(Failure) -> Int { Int(try number(size)) }

  private mutating func text(_ count: Int) throws(Failure) -> String {
    String(decoding: try take(count), as: UTF8.self)
  }

  /// The bytes up to the next newline.
  private mutating func line() throws(Failure) -> String {
    guard let end = bytes[position...].prefix(1_000).firstIndex(of: 0x0A) else {
      throw damaged("a name without an end")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// A number in two's complement, little-endian, of any length.
  private static func long(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .wide(Array(bytes)) }
    var value = bytes.last.map { $0 & 0x80 != 0 } == true ? -1 : 0
    for byte in bytes.reversed() { value = value << 8 | Int(byte) }
    return .integer(value)
  }
}
