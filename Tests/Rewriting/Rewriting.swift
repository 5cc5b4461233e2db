// Checkpoints as other programs, other times and accidents leave them: whole, with right digests, and wrong.

import Checkpoints
import Foundation

/// A checkpoint to be written anew with something changed.
package struct Rewriting {
  package let checkpoint: Checkpoint

  package init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// Writes the checkpoint's files anew, the one named as `change` makes it, at the same place.
  package func write(_ name: String, _ change: (Data) throws -> Data) throws {
    var files: [CheckpointFile] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: checkpoint.directory) where file != "DONE" {
      let data = try Data(contentsOf: URL(fileURLWithPath: checkpoint.path(of: file)))
      files.append(CheckpointFile(file, file == name ? try change(data) : data))
    }
    let store = (checkpoint.directory as NSString).deletingLastPathComponent
    try CheckpointStore(directory: store).write(step: checkpoint.step, files: files)
  }

  /// Changes the values of a tensor.
  package func change(_ tensor: String, in name: String, _ change: (_ index: Int, _ value: Float) -> Float) throws {
    try write(name) { data in
      var data = data
      let file = try SafetensorsFile(checkpoint.path(of: name))
      let header = 8 + data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      for (i, value) in try file.values(tensor, as: Float.self).enumerated() {
        let place = header + file[tensor]!.range.lowerBound + 4 * i
        withUnsafeBytes(of: change(i, value)) { data.replaceSubrange(place..<place + 4, with: $0) }
      }
      return data
    }
  }

  /// Sets one value of a tensor.
  package func set(_ tensor: String, in name: String, at index: Int, to value: Float) throws {
    try change(tensor, in: name) { $0 == index ? value : $1 }
  }

  /// Replaces the metadata of a file of tensors.
  package func setMetadata(of name: String, _ metadata: [String: String]) throws {
    try write(name) { _ in
      let file = try SafetensorsFile(checkpoint.path(of: name))
      let entries = try file.tensors.map { tensor in
        tensor.type == .int64
          ? TensorEntry(tensor.name, shape: tensor.shape, values: try file.values(tensor.name, as: Int64.self))
          : TensorEntry(tensor.name, shape: tensor.shape, values: try file.values(tensor.name, as: Float.self))
      }
      let copy = NSTemporaryDirectory() + "rewriting-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      try SafetensorsFile.write(entries, metadata: metadata, to: copy)
      return try Data(contentsOf: URL(fileURLWithPath: copy))
    }
  }

  /// Changes `state.json`.
  package func setState(_ change: (inout [String: Any]) -> Void) throws {
    try write("state.json") { data in
      var state = try JSONSerialization.jsonObject(with: data) as! [String: Any]
      change(&state)
      return try JSONSerialization.data(withJSONObject: state)
    }
  }

  /// Makes of it what version 0.1.0 wrote: nothing of normalisation, image size, test images.
  package func makeFormat1() throws {
    for name in ["model", "ema", "fawa"] {
      let file = "\(name).safetensors"
      guard FileManager.default.fileExists(atPath: checkpoint.path(of: file)) else { continue }
      try setMetadata(of: file, ["format": "pt"])
    }
    try setState { state in
      state["format"] = 1
      for key in ["dataName", "testDigest", "imageSize"] { state[key] = nil }
    }
  }
}
