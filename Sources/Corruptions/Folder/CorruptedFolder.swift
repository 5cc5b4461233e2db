// CIFAR-10-C and CIFAR-100-C as they are published (zenodo.org/records/2535967 and 3555552): `NAME.npy`, uint8 (5·N, 32, 32, 3),
// red green blue, severity s in the rows (s - 1)·N ..< s·N, each in the order of the test set; `labels.npy`, 5·N integers.
// Folders that this program made have `corrupt.json` beside them, and may be of fewer severities.

import Datasets
import Digests
import Failures
import Foundation

/// A folder of corrupted test images, looked through before anything is judged.
package struct CorruptedFolder: Sendable {
  package let path: String
  /// The corruptions that are there, in the order of the catalog.
  package let names: [String]
  package let severities: [Int]
  /// Images a severity that are taken, the first ones.
  package let count: Int
  package let height: Int, width: Int
  /// Images a severity that there are.
  private let stride: Int
  private let labels: [Int32]

  /// Reads the labels and all headers.
  ///
  /// - Parameters:
  ///   - classes: the classes that the model knows.
  ///   - limit: the first so many images of each severity are taken; all if nil.
  /// - Throws: `Failure(.badData)` that names the file and what to do.
  package init(_ path: String, classes: Int, limit: Int? = nil) throws {
    self.path = path
    names = CorruptionCatalog.names.filter { FileManager.default.fileExists(atPath: Self.file($0, in: path)) }
    guard let first = names.first else {
      throw Failure(
        .badData,
        "no corrupted images in \(path): looked for \(CorruptionCatalog.names[0]).npy and the like; get CIFAR-10-C or CIFAR-100-C "
          + "(zenodo.org), or make them with: fairtat-dist corrupt --data DIR --output \(path)")
    }
    severities = try Self.severities(in: path)
    labels = try Self.labels(in: path, classes: classes)
    let shape = try Self.shape(Self.file(first, in: path))
    (height, width) = (shape[1], shape[2])
    stride = shape[0] / severities.count
    count = min(stride, limit ?? .max)
    for name in names {
      let file = Self.file(name, in: path)
      let own = try Self.shape(file)
      guard own[0] % severities.count == 0 else {
        throw Failure(
          .badData,
          "\(file) has \(own[0]) images, which is no multiple of its \(severities.count) severities: is it whole?")
      }
      guard own == shape else {
        throw Failure(
          .badData,
          "\(file) has the shape \(own), \(first).npy \(shape): all files of a folder are of the same images")
      }
    }
    guard labels.count == shape[0] else {
      throw Failure(
        .badData,
        "\(path)/labels.npy has \(labels.count) labels, \(first).npy \(shape[0]) images: there is a label for each row")
    }
  }

  /// The images of a corruption at a severity, with their labels.
  ///
  /// - Throws: `Failure` where the file cannot be read any more.
  package func images(_ name: String, severity: Int) throws -> LabeledImages {
    guard let place = severities.firstIndex(of: severity) else { preconditionFailure("a severity of the folder") }
    let rows = place * stride..<place * stride + count
    return LabeledImages(
      height: height, width: width, pixels: try NPYFile(Self.file(name, in: path)).bytes(rows: rows),
      labels: Array(labels[rows]))
  }

  /// Names, shapes and labels in one text, equal where ranks see the same folder.
  package var summary: String { "\(names) \(severities) \(count) \(height) \(width) \(labels.hashText)" }

  private static func file(_ name: String, in path: String) -> String { "\(path)/\(name).npy" }

  private static func shape(_ path: String) throws -> [Int] {
    let file = try NPYFile(path)
    _ = try file.bytes(rows: 0..<0)
    guard file.shape.count == 4, file.shape[3] == 3, file.shape[0] > 0 else {
      throw Failure(
        .badData, "\(path) has the shape \(file.shape): corrupted images are (severities times N, height, width, 3)")
    }
    guard ImageSize.isAllowed(file.shape[1], file.shape[2]) else {
      throw Failure(
        .badData,
        "\(path) has images of \(file.shape[1])x\(file.shape[2]): height and width must be \(ImageSize.rule)")
    }
    return file.shape
  }

  private static func labels(in path: String, classes: Int) throws -> [Int32] {
    let place = "\(path)/labels.npy"
    guard FileManager.default.fileExists(atPath: place) else {
      throw Failure(.badData, "no \(place): it is part of the archive, the test labels once for each severity")
    }
    let file = try NPYFile(place)
    guard file.shape.count == 1 else {
      throw Failure(.badData, "\(place) has the shape \(file.shape): labels are one number an image")
    }
    return try file.integers().enumerated().map { row, label in
      guard (0..<Int64(classes)).contains(label) else {
        throw Failure(
          .badData,
          "\(place): label \(row) (from 0) is \(label), but the model knows \(classes) classes, 0 to \(classes - 1): was it "
            + "trained on other data?")
      }
      return Int32(label)
    }
  }

  /// Those of the record where there is one, else five.
  private static func severities(in path: String) throws -> [Int] {
    let place = "\(path)/\(CorruptionRecord.name)"
    guard let data = FileManager.default.contents(atPath: place) else { return Array(Severity.all) }
    guard let record = try? JSONDecoder().decode(CorruptionRecord.self, from: data), record.isWhole else {
      throw Failure(.badData, "\(place) is damaged: delete it if the files have the rows of five severities")
    }
    return record.severities
  }
}

extension CorruptionRecord {
  /// Whether its severities are some that there are.
  var isWhole: Bool {
    !severities.isEmpty && severities.allSatisfy(Severity.all.contains)
      && Set(severities).count == severities.count
  }
}

extension [Int32] {
  /// A short text that differs for other numbers.
  fileprivate var hashText: String { withUnsafeBytes { SHA256.hex(of: $0) } }
}
