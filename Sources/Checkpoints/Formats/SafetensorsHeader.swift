// The header of a safetensors file: 8 bytes little-endian length n, then n bytes of JSON
//   {"__metadata__": {text: text}, name: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ...}
// then the data, to which the offsets are relative. Format: github.com/huggingface/safetensors, README, "Format".
// As the format demands, the tensors cover the data without holes and without overlap.

import Failures
import Foundation
import Platform

/// The names, types, shapes and places of the tensors in a file.
package struct SafetensorsHeader: Sendable {
  /// One tensor: its place is in bytes from the start of the data.
  package struct Tensor: Equatable, Sendable {
    package let name: String
    package let type: ElementType
    package let shape: [Int]
    package let range: Range<Int>
  }

  /// Free text of the writer.
  package let metadata: [String: String]
  /// In the order of the data.
  package let tensors: [Tensor]

  /// The largest header that is believed: 16 MiB, some 100,000 tensors. What is read of it takes some 20 times as much.
  static let limit = 16 << 20

  /// Reads and checks the JSON of a header.
  /// - Parameters:
  ///   - json: the bytes after the length.
  ///   - dataCount: bytes in the file after the header.
  ///   - path: the file, for messages.
  /// - Throws: `Failure(.badData)` with the file and what is wrong with it.
  init(json: [UInt8], dataCount: Int, path: String) throws(Failure) {
    func bad(_ what: String) -> Failure { Failure(.badData, "\(path) is not a valid safetensors file: \(what)") }
    // With zeros among its bytes it would be UTF-16 to the decoder.
    guard json.first == UInt8(ascii: "{"), !json.contains(0), String(validating: json, as: UTF8.self) != nil else {
      throw bad("its header is not JSON text")
    }
    let parsed: Parsed
    do {
      parsed = try JSONDecoder().decode(Parsed.self, from: Data(json))
    } catch {
      throw bad("its header is damaged (\(Self.explain(error)))")
    }
    if let key = JSONKeys.repeated(in: json) { throw bad("its header names \(key) twice") }

    var tensors: [Tensor] = []
    for (name, entry) in parsed.entries {
      guard let type = ElementType(rawValue: entry.dtype) else {
        let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
        throw bad("tensor \(name) has type \(entry.dtype), known are \(known)")
      }
      guard entry.offsets.count == 2, 0 <= entry.offsets[0], entry.offsets[0] <= entry.offsets[1],
        entry.offsets[1] <= dataCount
      else { throw bad("tensor \(name) lies at \(entry.offsets), outside the \(dataCount) bytes of data") }
      guard type.byteCount(of: entry.shape) == entry.offsets[1] - entry.offsets[0] else {
        throw bad("tensor \(name) of shape \(entry.shape) and type \(type.rawValue) does not fill \(entry.offsets)")
      }
      tensors.append(Tensor(name: name, type: type, shape: entry.shape, range: entry.offsets[0]..<entry.offsets[1]))
    }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }

    var end = 0
    for tensor in tensors {
      if tensor.range.lowerBound != end {
        throw bad("tensor \(tensor.name) begins at \(tensor.range.lowerBound), where \(end) is expected")
      }
      end = tensor.range.upperBound
    }
    if end != dataCount { throw bad("\(dataCount) bytes of data, but the header describes \(end)") }
    self.tensors = tensors
    metadata = parsed.metadata
  }

  /// Lays out tensors that are to be written: wide elements first, else as given, so that each is aligned.
  /// - Throws: `Failure(.internal)` for a name that is taken or a shape that is none.
  init(_ entries: [TensorEntry], metadata: [String: String]) throws(Failure) {
    var names: Set<String> = ["__metadata__"]
    var tensors: [Tensor] = []
    var end = 0
    for width in [8, 4, 2, 1] {
      for entry in entries where entry.type.byteCount == width {
        guard names.insert(entry.name).inserted else {
          throw Failure(.internal, "two tensors of a file would be named \(entry.name)")
        }
        guard let count = entry.type.byteCount(of: entry.shape) else {
          throw Failure(.internal, "tensor \(entry.name) has the impossible shape \(entry.shape)")
        }
        tensors.append(Tensor(name: entry.name, type: entry.type, shape: entry.shape, range: end..<end + count))
        end += count
      }
    }
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Bytes of data after the header.
  var dataCount: Int { tensors.last?.range.upperBound ?? 0 }

  /// The first bytes of the file: length and JSON, padded with spaces so that the data starts at a multiple of 8.
  /// The same tensors give the same bytes.
  var encoded: [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(Self.quote($0.key)):\(Self.quote($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(Self.quote(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(tensor.range.lowerBound),\(tensor.range.upperBound)]}")
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }

  /// A JSON string.
  private static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// One short phrase for what the JSON decoder met.
  private static func explain(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      "no \(key.stringValue) at \(place(context.codingPath))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "another type than expected at \(place(context.codingPath))"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "an impossible value at \(place(context.codingPath))"
    default: "it is not JSON"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "the top" : path.map(\.stringValue).joined(separator: ".")
  }
}

/// The JSON of a header as it stands, unchecked.
private struct Parsed: Decodable {
  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var metadata: [String: String] = [:]
  var entries: [(String, Entry)] = []

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries.append((key.stringValue, try container.decode(Entry.self, forKey: key)))
      }
    }
  }
}
