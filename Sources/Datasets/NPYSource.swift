// Own data: train_images.npy and test_images.npy (uint8, N x H x W x 3, red green blue), train_labels.npy and
// test_labels.npy (integers, N), and class_names.txt (one a line) where the classes have names.

import Failures

/// Images and labels that numpy saved.
package enum NPYSource: DatasetSource {
  package static let name = "npy"
  package static let summary =
    "own data: {train,test}_{images,labels}.npy, uint8 N x H x W x 3 and integers; class_names.txt if you like"

  /// Who is taken for whom is counted in K x K numbers of 8 bytes: 128 MiB for these.
  private static let mostClasses = 4096
  private static let hint =
    "it needs train_images.npy, train_labels.npy, test_images.npy and test_labels.npy, as numpy.save writes them"

  package static func recognizes(_ directory: String) -> Bool {
    ["train_images.npy", "test_images.npy"].contains { FileAccess.isFile(FileAccess.join(directory, $0)) }
  }

  package static func extent(_ request: DatasetRequest) throws -> DatasetExtent {
    let home = try home(request)
    // The extents of images first: labels are as many.
    let train = request.part == .test ? nil : try imageFile("train", in: home)
    let test = try imageFile("test", in: home)
    let labels = try OwnLabels(
      train: train == nil ? [] : labels("train", in: home), test: labels("test", in: home), directory: home)
    return DatasetExtent(
      height: test.shape[1], width: test.shape[2], classCount: try classNames(labels, request).count,
      train: min(train?.shape[0] ?? 0, request.limitTrain ?? .max), test: min(test.shape[0], request.limitTest ?? .max))
  }

  /// The directory, with all the files in it that are asked for.
  private static func home(_ request: DatasetRequest) throws -> String {
    let home = try request.directory(hint: hint)
    let training = request.part == .test ? [] : ["train_images", "train_labels"]
    for part in training + ["test_images", "test_labels"] {
      let path = FileAccess.join(home, "\(part).npy")
      guard FileAccess.isFile(path) else { throw Failure(.badData, "no \(path): \(hint)") }
    }
    return home
  }

  package static func load(_ request: DatasetRequest) throws -> Dataset {
    let home = try home(request)
    let trains = request.part != .test
    // All labels count for the number of classes, so that a limit does not change it.
    let labels = try OwnLabels(
      train: trains ? labels("train", in: home) : [], test: labels("test", in: home), directory: home)
    let names = try classNames(labels, request)
    let test = try images("test", in: home, labels: labels.test, limit: request.limitTest)
    let train =
      trains
      ? try images("train", in: home, labels: labels.train, limit: request.limitTrain)
      : .none(height: test.height, width: test.width)
    guard (train.height, train.width) == (test.height, test.width) else {
      throw Failure(
        .badData,
        "\(home): training images are \(train.height)x\(train.width), test images \(test.height)x\(test.width); "
          + "they must be of one size")
    }
    return Dataset(name: name, classNames: names, train: train, test: test)
  }

  package static func measuredStatistics(_ request: DatasetRequest) throws -> ChannelStatistics? {
    guard let home = request.path, FileAccess.isFile(FileAccess.join(home, "train_images.npy")) else { return nil }
    let file = try imageFile("train", in: home)
    let count = min(file.shape[0], request.limitTrain ?? .max)
    var sums = ChannelSums()
    for first in stride(from: 0, to: count, by: 1024) {
      sums.add(try file.bytes(rows: first..<min(count, first + 1024)))
    }
    return ChannelStatistics(sums)
  }

  private static func labels(_ part: String, in home: String) throws -> [Int32] {
    let file = try NPYFile(FileAccess.join(home, "\(part)_labels.npy"))
    guard file.shape.count == 1 else {
      let cure = file.shape.count == 2 ? ": if they are one-hot, save array.argmax(axis=1)" : ""
      throw Failure(.badData, "\(file.path) has shape \(tuple(file.shape)): labels must be (N,)\(cure)")
    }
    try DatasetExtent.check(file.shape[0], in: file.path)
    return try file.integers().enumerated().map { i, label in
      guard label >= 0 && label < mostClasses else {
        throw Failure(
          .badData,
          "\(file.path): label \(i) (from 0) is \(label): labels go from 0 to the number of classes less one, at most "
            + "\(mostClasses - 1); is it a mark for images without a label? Leave those out")
      }
      return Int32(label)
    }
  }

  /// The file of images, its extents checked.
  private static func imageFile(_ part: String, in home: String) throws -> NPYFile {
    let file = try NPYFile(FileAccess.join(home, "\(part)_images.npy"))
    let shape = file.shape
    guard shape.count == 4 && shape[3] == 3 else {
      let cure = shape.count == 4 && shape[1] == 3 ? ": save array.transpose(0, 2, 3, 1).copy()" : ""
      throw Failure(.badData, "\(file.path) has shape \(tuple(shape)), images must be (N, H, W, 3)\(cure)")
    }
    guard ImageSize.isAllowed(shape[1], shape[2]) else {
      throw Failure(
        .badData, "\(file.path) has images of \(shape[1])x\(shape[2]): height and width must be \(ImageSize.rule)")
    }
    guard shape[0] > 0 else { throw Failure(.badData, "\(file.path) has no images") }
    try DatasetExtent.check(shape[0], in: file.path)
    return file
  }

  private static func images(_ part: String, in home: String, labels: [Int32], limit: Int?) throws -> LabeledImages {
    let file = try imageFile(part, in: home)
    let shape = file.shape
    guard shape[0] == labels.count else {
      throw Failure(.badData, "\(file.path) has \(shape[0]) images, but \(part)_labels.npy \(labels.count) labels")
    }
    let count = min(shape[0], limit ?? .max)
    return LabeledImages(
      height: shape[1], width: shape[2], pixels: try file.bytes(rows: 0..<count), labels: Array(labels.prefix(count)))
  }

  /// One name for each class; where nothing says how many classes are meant, labels must leave none out. Test images
  /// alone may well be of a few classes, or of one.
  private static func classNames(_ labels: OwnLabels, _ request: DatasetRequest) throws -> [String] {
    let path = FileAccess.join(labels.directory, "class_names.txt")
    let given = try FileAccess.lines(of: path)
    if let given, given.count <= labels.largest {
      throw Failure(
        .badData, "\(path) names \(given.count) classes, but there is \(labels.place(of: labels.largest))")
    }
    let trains = request.part != .test
    if trains, given == nil, (request.classes ?? 0) <= labels.largest { try labels.checkGaps() }
    let names = given ?? (0...labels.largest).map { "class \($0)" }
    guard names.count >= 2 || !trains else {
      throw Failure(.badData, "\(labels.directory) has one class only: at least two are needed")
    }
    guard names.count <= mostClasses else {
      throw Failure(.badData, "\(path) names \(names.count) classes: there may be \(mostClasses)")
    }
    return names
  }

  /// A shape as Python writes it.
  private static func tuple(_ shape: [Int]) -> String {
    "(" + shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
  }
}
