import Checkpoints
import Failures
import Foundation
import Testing

/// A file as the official library (Python package safetensors 0.8.0, numpy) writes it from
///   conv1.weight float32 arange(6).reshape(1, 2, 3) - 2.5, bn.num_batches_tracked int64 2**40 + 3,
///   sum float64 [1/3, -0.0, inf], flags uint8 [1, 0, 255], empty float32 (0, 4), größe "q" float32 [1.5],
///   metadata {"format": "pt", "note": "line\nbreak \\ ä"}.
private let official = Array(
  Data(
    base64Encoded: """
      wAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoibGluZVxuYnJlYWsgXFwgw6QiLCJmb3JtYXQiOiJwdCJ9LCJibi5udW1fYmF0Y2hlc190\
      cmFja2VkIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOlswLDhdfSwic3VtIjp7ImR0eXBlIjoiRjY0Iiwic2hhcGUi\
      OlszXSwiZGF0YV9vZmZzZXRzIjpbOCwzMl19LCJjb252MS53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMiwzXSwiZGF0YV9vZmZz\
      ZXRzIjpbMzIsNTZdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRhdGFfb2Zmc2V0cyI6WzU2LDU2XX0sImdyw7bDn2Ug\
      XCJxXCIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls1Niw2MF19LCJmbGFncyI6eyJkdHlwZSI6IlU4Iiwic2hh\
      cGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNjAsNjNdfX0gICAgAwAAAAABAABVVVVVVVXVPwAAAAAAAACAAAAAAAAA8H8AACDAAADAvwAAAL8AAAA/\
      AADAPwAAIEAAAMA/AQD/
      """)!)

private var entries: [TensorEntry] {
  [
    TensorEntry("conv1.weight", shape: [1, 2, 3], values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5] as [Float]),
    TensorEntry("bn.num_batches_tracked", shape: [], values: [(1 << 40) + 3] as [Int64]),
    TensorEntry("sum", shape: [3], values: [1.0 / 3, -0.0, .infinity] as [Double]),
    TensorEntry("flags", shape: [3], values: [1, 0, 255] as [UInt8]),
    TensorEntry("empty", shape: [0, 4], values: [] as [Float]),
    TensorEntry("größe \"q\"", shape: [1], values: [1.5] as [Float]),
  ]
}
private let metadata = ["format": "pt", "note": "line\nbreak \\ ä"]

/// What every reading of the tensors above must give.
private func expectContents(_ file: SafetensorsFile) throws {
  #expect(file.tensors.count == 6)
  #expect(file.metadata == metadata)
  #expect(try file.values("conv1.weight", shape: [1, 2, 3]) == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5] as [Float])
  #expect(try file.values("bn.num_batches_tracked", shape: []) == [(1 << 40) + 3] as [Int64])
  let sums: [Double] = try file.values("sum")
  #expect(sums.map(\.bitPattern) == [1.0 / 3, -0.0, .infinity].map(\.bitPattern))
  #expect(try file.values("flags") == [1, 0, 255] as [UInt8])
  #expect(try file.values("empty", shape: [0, 4]) == [] as [Float])
  #expect(try file.values("größe \"q\"") == [1.5] as [Float])
}

/// The message with which opening a file of these bytes fails; nil where it opens.
private func refusal(_ bytes: [UInt8], in scratch: Scratch) throws -> String? {
  // A new file each time: to truncate one and write it again makes some file systems wait for the disk.
  unlink(scratch.file("damaged.safetensors"))
  do {
    _ = try SafetensorsFile(try scratch.write("damaged.safetensors", bytes))
    return nil
  } catch let failure as Failure {
    #expect(failure.code == .badData)
    #expect(failure.message.contains("damaged.safetensors"))
    #expect(!failure.message.contains("\n"))
    return failure.message
  }
}

/// A file with this JSON header.
private func file(_ json: String, data count: Int) -> [UInt8] {
  withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian, Array.init) + Array(json.utf8)
    + [UInt8](repeating: 1, count: count)
}

@Suite struct SafetensorsTests {
  let scratch = Scratch()

  @Test func readsWhatTheOfficialLibraryWrites() throws {
    try expectContents(SafetensorsFile(try scratch.write("a.safetensors", official)))
  }

  @Test func roundTrip() throws {
    let path = scratch.file("a.safetensors")
    try SafetensorsFile.write(entries, metadata: metadata, to: path)
    try expectContents(SafetensorsFile(path))
    let bytes = try scratch.bytes("a.safetensors")
    #expect(bytes.count == (try SafetensorsFile.byteCount(entries, metadata: metadata)))
    #expect(bytes[0] % 8 == 0)
    // Wide elements first, else in the order given: every tensor is aligned.
    #expect(
      try SafetensorsFile(path).tensors.map(\.name)
        == ["bn.num_batches_tracked", "sum", "conv1.weight", "empty", "größe \"q\"", "flags"])
    // The data part is what the official library wrote, byte for byte.
    #expect(bytes.suffix(63) == official.suffix(63))
    try SafetensorsFile.write(entries, metadata: metadata, to: path)
    #expect(try scratch.bytes("a.safetensors") == bytes)
    #expect(try scratch.names() == ["a.safetensors"])
  }

  @Test func writesMemoryAndClosures() throws {
    let values: [Float] = (0..<1000).map { Float($0) * 0.5 }
    let path = scratch.file("a.safetensors")
    try values.withUnsafeBytes { memory in
      let fill = TensorEntry(
        "closure", .float64, shape: [10],
        .fill { buffer in
          #expect(buffer.count == 80 && UInt(bitPattern: buffer.baseAddress!) % 64 == 0)
          buffer.bindMemory(to: Double.self).update(repeating: 7)
        })
      try SafetensorsFile.write(
        [TensorEntry("memory", .float32, shape: [100, 10], .bytes(memory)), fill], to: path)
    }
    let file = try SafetensorsFile(path)
    #expect(try file.values("memory") == values)
    #expect(try file.values("closure") == [Double](repeating: 7, count: 10))
    var copy = [Float](repeating: 0, count: 1000)
    try copy.withUnsafeMutableBytes { try file.read("memory", .float32, shape: [100, 10], into: $0) }
    #expect(copy == values)
  }

  @Test func aFileWithoutTensors() throws {
    let path = scratch.file("a.safetensors")
    try SafetensorsFile.write([], to: path)
    #expect(try SafetensorsFile(path).tensors.isEmpty)
  }

  @Test func refusesEntriesThatContradictThemselves() throws {
    let twice = [entries[0], entries[0]]
    #expect(throws: Failure.self) { try SafetensorsFile.write(twice, to: scratch.file("a")) }
    let reserved = [TensorEntry("__metadata__", shape: [1], values: [1] as [Float])]
    #expect(throws: Failure.self) { try SafetensorsFile.write(reserved, to: scratch.file("a")) }
    let short = [TensorEntry("x", .float32, shape: [2], .bytes(UnsafeRawBufferPointer(start: nil, count: 0)))]
    #expect(throws: Failure.self) { try SafetensorsFile.write(short, to: scratch.file("a")) }
    #expect(try scratch.names().isEmpty)
  }

  @Test func namesWhatIsMissingOrOfAnotherKind() throws {
    let file = try SafetensorsFile(try scratch.write("a.safetensors", official))
    #expect { _ = try file.values("fc", as: Float.self) } throws: { "\($0)".contains("a.safetensors has no tensor fc") }
    #expect { _ = try file.values("sum", as: Float.self) } throws: { "\($0)".contains("is F64 of shape [3]") }
    #expect { _ = try file.values("sum", as: Double.self, shape: [1, 3]) } throws: {
      "\($0)".contains("of shape [1, 3]")
    }
    #expect { _ = try SafetensorsFile(scratch.file("b")) } throws: { ($0 as? Failure)?.code == .badData }
    #expect { _ = try SafetensorsFile(scratch.path) } throws: { ($0 as? Failure)?.code == .badData }
  }

  @Test func refusesEveryTruncation() throws {
    for length in 0..<official.count {
      #expect(try refusal(Array(official.prefix(length)), in: scratch) != nil, "length \(length)")
    }
    #expect(try refusal(official + [0], in: scratch)?.contains("64 bytes of data, but the header describes 63") == true)
  }

  /// A header with any one byte changed is refused or describes tensors of the same bytes; none of it crashes.
  @Test func survivesEveryFlippedByte() throws {
    let whole = try SafetensorsFile(try scratch.write("a.safetensors", official))
    var accepted = 0
    for place in 0..<(official.count - 63) {
      for mask: UInt8 in [0x01, 0x04, 0x20, 0x80] {
        var bytes = official
        bytes[place] ^= mask
        guard try refusal(bytes, in: scratch) == nil else { continue }
        accepted += 1
        let file = try SafetensorsFile(scratch.file("damaged.safetensors"))
        var end = 0
        for (index, tensor) in file.tensors.enumerated() {
          #expect(tensor.range.lowerBound == end)
          #expect(tensor.range.count == tensor.type.byteCount(of: tensor.shape))
          end = tensor.range.upperBound
          #expect(try file.bytes(at: index).count == tensor.range.count)
        }
        #expect(end == 63)
        #expect(file.tensors.map(\.range) == whole.tensors.map(\.range))
      }
    }
    // Letters of names and of the free text may change unnoticed; the digests of a checkpoint are against that.
    #expect(accepted > 50)
  }

  @Test(arguments: impossible)
  func refuses(_ json: String, _ count: Int) throws {
    #expect(try refusal(file(json, data: count), in: scratch) != nil)
  }

  /// Two tensors of a name, of which a decoder would take one: the empty ones would leave no hole. The same for what the
  /// metadata says twice, and for names that are the same in other words.
  @Test(arguments: [
    (header(("a", "F32", "[1]", "[0,4]"), ("a", "F32", "[1]", "[0,4]")), 4, "a"),
    (header(("b", "F32", "[0]", "[0,0]"), ("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[0,3]", "[4,4]")), 4, "b"),
    (header(("a", "F32", "[1]", "[0,4]"), (#"\u0061"#, "F32", "[1]", "[4,8]")), 8, "a"),
    (header((#"q\"}{"#, "F32", "[1]", "[0,4]"), (#"q\"}{"#, "F32", "[1]", "[0,4]")), 4, #"q"}{"#),
    (header(("é", "U8", "[1]", "[0,1]"), ("e\u{301}", "U8", "[1]", "[1,2]")), 2, "e\u{301}"),
    (#"{"a" :{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}"#, 1, "shape"),
    (#"{"__metadata__":{"normalize.std":"[1]","x":"y","normalize.std" : "[2]"}}"#, 0, "normalize.std"),
    (#"{"__metadata__":{"x":"y"},"__metadata__":{"z":"y"}}"#, 0, "__metadata__"),
  ])
  func refusesANameThatStandsTwice(json: String, count: Int, name: String) throws {
    let message = try refusal(file(json, data: count), in: scratch)
    #expect(message?.hasSuffix("its header names \(name) twice") == true, "\(message ?? "")")
  }

  /// What looks like a key in a text is none, and each object has keys of its own.
  @Test func acceptsWhatStandsOnce() throws {
    let json =
      #"{"__metadata__":{"dtype":"{\"a\":1,\"a\":2}","a":"a","b":"\\"},"#
      + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#
    #expect(try refusal(file(json, data: 2), in: scratch) == nil)
  }

  /// A name of a million letters is no reason for a line of as many.
  @Test(arguments: ["type", "place", "extent", "twice", "blanks"]) func longNamesAreShortened(fault: String) throws {
    let name = String(repeating: fault == "blanks" ? "a " : "ä", count: 1 << 20)
    let json =
      switch fault {
      case "type", "blanks": header((name, "F31", "[1]", "[0,4]"))
      case "place": header((name, "F32", "[1]", "[4,8]"))
      case "extent": header((name, "F32", "[\(String(repeating: "1,", count: 1 << 20))2]", "[0,4]"))
      default: header((name, "F32", "[1]", "[0,4]"), (name, "F32", "[1]", "[4,8]"))
      }
    let message = try #require(try refusal(file(json, data: 4), in: scratch))
    #expect(message.unicodeScalars.count < 4_200 && message.contains("characters)…"), "\(message.prefix(5_000))")
    #expect(message.contains("is not a valid safetensors file: "))
  }

  @Test func refusesTextOfOtherWidths() throws {
    let wide = Array("{}  ".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let bytes = withUnsafeBytes(of: UInt64(wide.count).littleEndian, Array.init) + wide
    #expect(try refusal(bytes, in: scratch)?.hasSuffix("its header is not JSON text") == true)
  }

  @Test func refusesAHeaderLongerThanTheFile() throws {
    for length in [UInt64.max, 1 << 63, 100_000_001, 9] {
      let bytes = withUnsafeBytes(of: length.littleEndian, Array.init) + Array("{}      ".utf8)
      #expect(try refusal(bytes, in: scratch)?.contains("\(length) bytes") == true)
    }
  }

  /// Where a Python with the packages safetensors and numpy is named, the official library reads ours, and we its copy.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["FAIRTAT_SAFETENSORS_PYTHON"] != nil))
  func theOfficialLibraryReadsOurs() throws {
    try SafetensorsFile.write(entries, metadata: metadata, to: scratch.file("ours.safetensors"))
    let python = Process()
    python.executableURL = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["FAIRTAT_SAFETENSORS_PYTHON"]!)
    python.arguments = [
      "-c",
      """
      import sys, numpy as np
      from safetensors import safe_open
      from safetensors.numpy import save_file
      with safe_open(sys.argv[1], "np") as f:
          t = {k: f.get_tensor(k) for k in f.keys()}
          m = f.metadata()
      assert np.array_equal(t["conv1.weight"], np.arange(6, dtype=np.float32).reshape(1, 2, 3) - 2.5)
      assert t["bn.num_batches_tracked"].shape == () and t["bn.num_batches_tracked"] == 2**40 + 3
      assert t["bn.num_batches_tracked"].dtype == np.int64
      assert np.array_equal(t["sum"], np.array([1/3, -0.0, np.inf])) and np.signbit(t["sum"][1])
      assert np.array_equal(t["flags"], np.array([1, 0, 255], dtype=np.uint8))
      assert t["empty"].shape == (0, 4) and t["größe \\"q\\""][0] == 1.5 and len(t) == 6
      save_file(t, sys.argv[2], m)
      """, scratch.file("ours.safetensors"), scratch.file("theirs.safetensors"),
    ]
    try python.run()
    python.waitUntilExit()
    #expect(python.terminationStatus == 0)
    try expectContents(SafetensorsFile(scratch.file("theirs.safetensors")))
  }
}

/// A JSON header of tensors (name, type, shape, offsets).
private func header(_ tensors: (String, String, String, String)...) -> String {
  "{"
    + tensors.map { "\"\($0.0)\":{\"dtype\":\"\($0.1)\",\"shape\":\($0.2),\"data_offsets\":\($0.3)}" }
    .joined(separator: ",") + "}"
}

/// JSON headers that cannot be, with the number of data bytes after them.
private let impossible: [(String, Int)] = [
  ("", 0), ("[]", 0), ("{", 0), ("{\"a\":1}", 0), ("{\"__metadata__\":{\"a\":1}}", 0),
  // Overlap, hole, outside, reversed, negative, too many offsets.
  (header(("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[0,4]")), 4),
  (header(("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[2,6]")), 6),
  (header(("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[8,12]")), 12),
  (header(("a", "F32", "[1]", "[4,8]")), 8),
  (header(("a", "F32", "[2]", "[0,8]")), 4),
  (header(("a", "F32", "[1]", "[0,4]")), 8),
  (header(("a", "F32", "[1]", "[4,0]")), 4),
  (header(("a", "F32", "[1]", "[-4,0]")), 4),
  (header(("a", "F32", "[1]", "[0,4,8]")), 4),
  // Shapes that do not fit, overflow, or are none.
  (header(("a", "F32", "[2]", "[0,4]")), 4),
  (header(("a", "F32", "[-1]", "[0,4]")), 4),
  (header(("a", "F32", "[4611686018427387904,4]", "[0,0]")), 0),
  (header(("a", "F32", "[1e400]", "[0,4]")), 4),
  (header(("a", "F32", "[0.5]", "[0,4]")), 4),
  (header(("a", "F32", "[true]", "[0,4]")), 4),
  (header(("a", "F32", "[9223372036854775808]", "[0,4]")), 4),
  (header(("a", "F32", "null", "[0,4]")), 4),
  (header(("a", "Q4", "[1]", "[0,4]")), 4),
  (String(repeating: "[", count: 100_000), 0),
  ("{\"a\":" + String(repeating: "[", count: 100_000), 0),
]
