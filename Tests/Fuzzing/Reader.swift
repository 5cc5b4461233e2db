// The readers of files that come from anywhere, each as a function of bytes. A `Failure` is what a reader says of a file that it
// refuses; any other error, and a process that dies, is a fault of the reader.

import Checkpoints
import Datasets
import Failures
import Foundation
import Recipes
import Reports

/// A reader of one kind of file.
enum Reader: String, CaseIterable {
  case safetensors, torch, npy, cifar, recipe, metrics

  /// Reads an input as the program does.
  ///
  /// - Parameter folder: where the file may lie, on no disk.
  /// - Returns: whether it was believed.
  func read(_ input: UnsafeRawBufferPointer, in folder: String) throws -> Bool {
    do {
      switch self {
      case .safetensors, .torch: try Self.readTensors(try Self.file("\(folder)/model", input))
      case .npy: try Self.readArray(input, folder)
      case .cifar: try Self.readCIFAR(input, folder)
      case .recipe: try Self.readRecipe(try Self.file("\(folder)/recipe.yaml", input))
      case .metrics: try Self.readRun(input, folder)
      }
      return true
    } catch is Failure {
      return false
    }
  }

  private static func readTensors(_ path: String) throws {
    let file = try TensorFiles.open(path)
    for index in file.outlines.indices {
      _ = try? file.floats(at: index)
      _ = try? file.integers(at: index)
    }
    let weights = try StateDict(file)
    for tensor in weights.tensors { _ = try? weights.floats(tensor.name) }
  }

  /// An array alone, and as the images of a data set.
  private static func readArray(_ input: UnsafeRawBufferPointer, _ folder: String) throws {
    let path = try file("\(folder)/own/test_images.npy", input)
    try labels.withUnsafeBytes { _ = try file("\(folder)/own/test_labels.npy", $0) }
    let array = try NPYFile(path)
    let rows = 0..<min(array.shape[0], 3)
    _ = try? (array.bytes(rows: rows), array.floats(rows: rows))
    _ = try? array.integers()
    let request = DatasetRequest(name: "npy", path: "\(folder)/own")
    var test = request
    test.part = .test
    _ = try DatasetCatalog.extent(test)
    _ = try DatasetCatalog.load(test)
  }

  /// Two labels, as numpy saves them.
  private static let labels: [UInt8] = {
    let head = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(head.utf8.count), 0] + Array(head.utf8) + [0, 1]
  }()

  /// The first byte says of which set, and whether the rest is records or the names of the classes.
  private static func readCIFAR(_ input: UnsafeRawBufferPointer, _ folder: String) throws {
    guard let choice = input.first else { return }
    let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let (isSmall, isNames) = (choice & 1 == 0, choice & 2 != 0)
    let home = "\(folder)/\(isSmall ? "ten" : "hundred")"
    let names = isSmall ? "batches.meta.txt" : "fine_label_names.txt"
    let record = [UInt8](repeating: 1, count: isSmall ? 3073 : 3074)
    try record.withUnsafeBytes {
      _ = try file("\(home)/\(isSmall ? "test_batch.bin" : "test.bin")", isNames ? $0 : rest)
    }
    _ = try file("\(home)/\(names)", isNames ? rest : UnsafeRawBufferPointer(start: nil, count: 0))
    var request = DatasetRequest(name: isSmall ? "cifar10" : "cifar100", path: home)
    request.part = .test
    _ = try DatasetCatalog.extent(request)
    _ = try DatasetCatalog.load(request)
  }

  private static func readRecipe(_ path: String) throws {
    var document = try RecipeLibrary(folders: []).load(path)
    _ = document.yaml()
    try document.set("training.epochs=3")
    _ = document.recipe.fields.map { $0.text(document.recipe) }
  }

  private static func readRun(_ input: UnsafeRawBufferPointer, _ folder: String) throws {
    let run = "\(folder)/run"
    _ = try file("\(run)/metrics.jsonl", input)
    let recipe = "training:\n  epochs: 2\n  seed: 0\nmethod:\n  name: fairtat\n"
    try Array(recipe.utf8).withUnsafeBytes { _ = try file("\(run)/recipe.resolved.yaml", $0) }
    let record = try RunRecord(directory: run)
    _ = RunPage(record).html
    guard record.obstacle == nil else { return }
    let comparison = Comparison([record, record])
    _ = (comparison.csv, comparison.text(colour: false), ComparisonPage(comparison).html)
  }

  /// Writes a file, and makes its folder.
  private static func file(_ path: String, _ bytes: UnsafeRawBufferPointer) throws -> String {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    var descriptor = open(path, flags, 0o644)
    if descriptor < 0 {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      descriptor = open(path, flags, 0o644)
    }
    defer { close(descriptor) }
    guard bytes.isEmpty || write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else {
      throw CocoaError(.fileWriteUnknown)
    }
    return path
  }
}
