import Checkpoints
import Failures
import Foundation
import Testing

/// The message with which opening a file, or reading what it says it has, fails; nil where all can be read.
private func refusal(_ bytes: [UInt8], in scratch: Scratch) throws -> String? {
  unlink(scratch.file("damaged.pt"))
  do {
    let file = try TorchFile(try scratch.write("damaged.pt", bytes))
    for index in file.outlines.indices { _ = try file.bytes(at: index) }
    return nil
  } catch let failure as Failure {
    #expect(failure.code == .badData)
    #expect(failure.message.contains("damaged.pt"))
    #expect(!failure.message.contains("\n"))
    return failure.message
  }
}

@Suite struct TorchFileTests {
  let scratch = Scratch()

  @Test(arguments: ["kinds.pt", "kinds-older.pt", "kinds-4.pt"]) func readsWhatTorchWrites(name: String) throws {
    let file = try TensorFiles.open(TorchGoldens.path(name))
    let expected = try TorchGoldens.expected().kinds
    #expect(Set(file.outlines.map(\.name)) == Set(expected.keys))
    for (index, outline) in file.outlines.enumerated() {
      let tensor = try #require(expected[outline.name])
      #expect(outline.shape == tensor.shape, "\(outline.name)")
      switch outline.type {
      case .float32, .float16, .bfloat16, .float64:
        let floats = try file.floats(at: index)
        #expect(floats.map(\.bitPattern) == tensor.values.map { Float($0).bitPattern }, "\(outline.name)")
      default:
        #expect(try file.integers(at: index).map(Double.init) == tensor.values, "\(outline.name)")
      }
    }
    #expect(throws: Failure.self) { try file.floats(at: try #require(file.outlines.firstIndex { $0.name == "long" })) }
    #expect(throws: Failure.self) {
      try file.integers(at: try #require(file.outlines.firstIndex { $0.name == "half" }))
    }
  }

  @Test func roundTrip() throws {
    let path = scratch.file("a.pt")
    let entries = [
      TensorEntry("conv1.weight", shape: [1, 2, 3], values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5] as [Float]),
      TensorEntry("bn.num_batches_tracked", shape: [], values: [(1 << 40) + 3] as [Int64]),
      TensorEntry("sum", shape: [3], values: [1.0 / 3, -0.0, .infinity] as [Double]),
      TensorEntry("empty", shape: [0, 4], values: [] as [Float]),
      TensorEntry("wide", shape: [70_000], values: (0..<70_000).map(Float.init)),
    ]
    try TorchFile.write(entries, to: path)
    let file = try TensorFiles.open(path)
    #expect(file.outlines.map(\.name) == entries.map(\.name))
    #expect(file.outlines.map(\.shape) == entries.map(\.shape))
    #expect(try file.floats(at: 0) == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    #expect(try file.integers(at: 1) == [(1 << 40) + 3])
    #expect(try file.floats(at: 2) == [1 / 3, -0.0, .infinity])
    #expect(try file.floats(at: 3) == [])
    #expect(try file.floats(at: 4) == (0..<70_000).map(Float.init))
    // The elements begin where they can be mapped.
    let bytes = try scratch.bytes("a.pt")
    let numbers = [Float]([-2.5, -1.5, -0.5]).withUnsafeBytes { Array($0) }
    #expect(bytes.indices.first { bytes[$0...].starts(with: numbers) }.map { $0 % 64 } == 0)
    try TorchFile.write(entries, to: path)
    #expect(try scratch.bytes("a.pt") == bytes)
    #expect(try scratch.names() == ["a.pt"])
  }

  // MARK: - Damage

  @Test(arguments: ["kinds.pt", "kinds-older.pt", "kinds-4.pt"]) func refusesEveryTruncation(name: String) throws {
    let whole = try TorchGoldens.bytes(name)
    #expect(try refusal(whole, in: scratch) == nil)
    for length in 0..<whole.count {
      #expect(try refusal(Array(whole.prefix(length)), in: scratch) != nil, "length \(length)")
    }
  }

  /// A file with any one byte changed is refused with a line or read; none of it crashes.
  @Test(arguments: ["kinds.pt", "kinds-older.pt", "kinds-4.pt"]) func survivesEveryFlippedByte(name: String) throws {
    var bytes = try TorchGoldens.bytes(name)
    var refused = 0
    for place in bytes.indices {
      let mask: UInt8 = [0x01, 0x80, 0xFF][place % 3]
      bytes[place] ^= mask
      if try refusal(bytes, in: scratch) != nil { refused += 1 }
      bytes[place] ^= mask
    }
    #expect(refused > bytes.count / 4)
  }

  // MARK: - Malice

  @Test func codeIsNamedAndNotRun() throws {
    typealias Script = PickleScript
    let call = Script.text("touch \(scratch.file("ran"))") + [0x85] + Array("R".utf8)
    let programs: [(name: String, bytes: [UInt8])] = [
      ("posix.system", Script.dictionary(Script.global("posix", "system") + call)),
      ("builtins.eval", Script.dictionary(Script.global("builtins", "eval") + call)),
      ("os.system", Script.dictionary(Script.text("os") + Script.text("system") + [0x93] + call)),
      ("os.system", Script.dictionary(Array("(".utf8) + Script.text("true") + Array("ios\nsystem\n".utf8))),
      ("torch.load", Script.dictionary(Script.global("torch", "load") + call)),
      ("torch._utils.exec", Script.dictionary(Script.global("torch._utils", "exec") + call)),
      ("numpy.core.multiarray._reconstruct", Script.global("numpy.core.multiarray", "_reconstruct")),
      ("__main__.Net", Script.global("__main__", "Net") + Array(")".utf8) + [0x81]),
    ]
    for (name, bytes) in programs {
      let message = try refusal(Script.file(bytes), in: scratch)
      #expect(message?.contains("holds code: \(name)") == true, "\(name): \(message ?? "read")")
    }
    #expect(try scratch.names() == ["damaged.pt"])
  }

  @Test func claimsBeyondTheFile() throws {
    typealias Script = PickleScript
    let huge = 1 << 40
    func file(_ tensor: [UInt8], _ count: Int = 4) -> [UInt8] {
      Script.file(
        Script.dictionary(tensor), keys: ["0"], elements: [Script.storage((0..<count).map(Float.init))])
    }
    #expect(try refusal(file(Script.tensor(count: 4, shape: [2, 2], strides: [2, 1])), in: scratch) == nil)
    let cases: [(what: String, bytes: [UInt8])] = [
      ("cut short", file(Script.tensor(count: huge, shape: [huge], strides: [1]))),
      ("several times", file(Script.tensor(count: 4, shape: [huge], strides: [0]))),
      ("several times", file(Script.tensor(count: 4, shape: [3, 3], strides: [1, 0]))),
      ("storage of 4 elements", file(Script.tensor(count: 4, shape: [huge, huge], strides: [0, 0]))),
      ("storage of 4 elements", file(Script.tensor(count: 4, shape: [5], strides: [1]))),
      ("storage of 4 elements", file(Script.tensor(count: 4, offset: 1, shape: [4], strides: [1]))),
      ("storage of 4 elements", file(Script.tensor(count: 4, offset: .max, shape: [1], strides: [1]))),
      ("storage of 4 elements", file(Script.tensor(count: 4, shape: [2, 2], strides: [.max, .max]))),
      ("without storage, shape or strides", file(Script.tensor(count: 4, shape: [-1], strides: [1]))),
      ("without storage, shape or strides", file(Script.tensor(count: 4, shape: [2], strides: [-1]))),
      ("without storage, shape or strides", file(Script.tensor(count: 4, shape: [2], strides: [1, 1]))),
    ]
    for (what, bytes) in cases {
      let message = try refusal(bytes, in: scratch)
      #expect(message?.contains(what) == true, "\(what): \(message ?? "read")")
    }
  }

  /// Programs that take much with few bytes.
  @Test func programsThatAreTooMuch() throws {
    let deep = [UInt8](repeating: UInt8(ascii: "]"), count: 500_000)
    let nested = Array("N".utf8) + [UInt8](repeating: 0x85, count: 500_000)
    let kept = Array("N".utf8) + [UInt8](repeating: 0x94, count: 900_000)
    for program in [deep, nested, kept] {
      #expect(try refusal(PickleScript.file(program), in: scratch)?.contains("no state dict") == true)
    }
    #expect(
      try refusal(PickleScript.file([UInt8](repeating: UInt8(ascii: "N"), count: 2 << 20)), in: scratch)?
        .contains("ends early") == true)
    // One list of entries, made a dictionary over and over.
    let pair = Array("N".utf8) + Array("N".utf8) + [0x86]
    var program = Array("(".utf8) + (0..<10_000).flatMap { _ in pair } + Array("l".utf8) + [0x85, 0x71, 0]
    program += PickleScript.global("collections", "OrderedDict") + [0x71, 1]
    program += (0..<10_000).flatMap { _ in [0x68, 1, 0x68, 0] + Array("R".utf8) }
    #expect(try refusal(PickleScript.file(program), in: scratch)?.contains("over and over") == true)
    // A list in itself.
    let loop = Array("]".utf8) + [0x71, 0, 0x68, 0] + Array("a".utf8)
    #expect(try refusal(PickleScript.file(loop), in: scratch)?.contains("no state dict") == true)
  }

  @Test func whatIsNoStateDictIsSaid() throws {
    typealias Script = PickleScript
    let cases: [(what: String, bytes: [UInt8])] = [
      ("found nothing", Script.file(Array("}".utf8))),
      ("found x", Script.file(Script.dictionary(Array("N".utf8)))),
      ("no dictionary of tensors", Script.file(Array("]".utf8))),
      ("magic number is missing", [0x80, 2] + Array("}.".utf8)),
    ]
    for (what, bytes) in cases {
      let message = try refusal(bytes, in: scratch)
      #expect(message?.contains(what) == true, "\(what): \(message ?? "read")")
    }
    for text in ["", "PK", "hello, world", "version https://git-lfs"] {
      let path = try scratch.write("x.pt", text.utf8)
      #expect { _ = try TensorFiles.open(path) } throws: { "\($0)".contains("holds no tensors") }
    }
  }
}
