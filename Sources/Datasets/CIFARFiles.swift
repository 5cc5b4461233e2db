// The binary version of CIFAR-10 and CIFAR-100 (Krizhevsky 2009, www.cs.toronto.edu/~kriz/cifar.html): files of records,
// each one or two label bytes, then 32 x 32 bytes of red, of green, of blue, row by row.

import Failures

/// The layout of one of the two sets, and its reader.
struct CIFARFiles: Sendable {
  /// The name for users.
  let title: String
  /// The number that `launch/get-cifar` takes.
  let number: Int
  /// Where the official archive puts its files.
  let directory: String
  /// File names and official numbers of records, in order.
  let train: [(name: String, records: Int)]
  let test: [(name: String, records: Int)]
  /// Each label byte of a record: what it is called and the number of its values. The last is the class.
  let labels: [(name: String, count: Int)]
  /// The file of class names, one a line.
  let namesFile: String
  /// The names where that file is missing.
  let fallbackNames: [String]

  static let side = 32
  static let plane = side * side

  var recordSize: Int { labels.count + 3 * Self.plane }
  var classes: Int { labels.last!.count }
  var hint: String { "get it with: launch/get-cifar \(number) DIR" }

  /// The directory that holds the files, or some of them: the one given or the official one in it.
  func locate(in path: String) -> String? {
    [path, FileAccess.join(path, directory)].first { candidate in
      [train[0].name, test[0].name].contains { FileAccess.isFile(FileAccess.join(candidate, $0)) }
    }
  }

  /// How many images the files hold; without a directory those of the official ones.
  func extent(_ request: DatasetRequest) throws -> DatasetExtent {
    func count(_ files: [(name: String, records: Int)], _ limit: Int?) throws -> Int {
      guard request.path != nil else { return min(files.reduce(0) { $0 + $1.records }, limit ?? .max) }
      return try wanted(files, in: home(request), limit: limit).reduce(0) { $0 + $1.records }
    }
    return DatasetExtent(
      height: Self.side, width: Self.side, classCount: classes,
      train: request.part == .test ? 0 : try count(train, request.limitTrain), test: try count(test, request.limitTest))
  }

  /// The directory with the files.
  private func home(_ request: DatasetRequest) throws -> String {
    let path = try request.directory(hint: hint)
    guard let home = locate(in: path) else {
      throw Failure(
        .badData,
        Self.pythonVersion(in: path)
          ?? "no \(title) in \(path): looked for \(train[0].name) and \(test[0].name) there and in "
          + "\(directory): \(hint)")
    }
    return home
  }

  /// Training images, test images, class names and notes.
  func load(_ request: DatasetRequest, statistics: ChannelStatistics?) throws -> Dataset {
    let home = try home(request)
    var notes: [String] = []
    let train =
      request.part == .test
      ? .none(height: Self.side, width: Self.side)
      : try read(train, in: home, limit: request.limitTrain, notes: &notes)
    let test = try read(test, in: home, limit: request.limitTest, notes: &notes)
    return Dataset(
      name: request.name, classNames: try classNames(in: home, notes: &notes), train: train, test: test,
      statistics: statistics, notes: notes)
  }

  /// The files that hold the first `limit` records, how many each has, and how many of these are wanted; files beyond the
  /// limit are not looked at.
  private func wanted(
    _ files: [(name: String, records: Int)], in home: String, limit: Int?
  ) throws -> [(path: String, official: Int, found: Int, records: Int)] {
    var wanted: [(path: String, official: Int, found: Int, records: Int)] = []
    var total = 0
    for (name, official) in files where total < limit ?? .max {
      let path = FileAccess.join(home, name)
      guard FileAccess.isFile(path) else { throw Failure(.badData, "no \(path): \(title) is incomplete; \(hint)") }
      let size = try FileAccess.size(of: path)
      guard size > 0 && size % recordSize == 0 else {
        throw Failure(
          .badData,
          "\(path) has \(size) bytes, not a whole number of records of \(recordSize) bytes: "
            + "cut short, or not \(title)'s binary version; \(hint)")
      }
      let found = size / recordSize
      try DatasetExtent.check(total + found, in: path)
      let records = min(found, (limit ?? .max) - total)
      wanted.append((path, official, found, records))
      total += records
    }
    return wanted
  }

  /// The first `limit` records of some files, in order.
  private func read(
    _ files: [(name: String, records: Int)], in home: String, limit: Int?, notes: inout [String]
  ) throws -> LabeledImages {
    let wanted = try wanted(files, in: home, limit: limit)
    for file in wanted where file.found != file.official {
      notes.append(
        "\(file.path) has \(file.found) records, the official file \(file.official): "
          + (file.found < file.official ? "was it cut short? \(hint)" : "is it of another set?"))
    }
    let total = wanted.reduce(0) { $0 + $1.records }
    var labels: [Int32] = []
    labels.reserveCapacity(total)
    let pixels = try [UInt8](unsafeUninitializedCapacity: total * 3 * Self.plane) { pixels, filled in
      for (path, _, _, records) in wanted {
        let bytes = try FileAccess.read(path, count: records * recordSize)
        guard bytes.count == records * recordSize else {
          throw Failure(.badData, "\(path) became shorter while it was read: is it still being copied?")
        }
        try bytes.withUnsafeBufferPointer { bytes in
          for record in 0..<records {
            let start = bytes.baseAddress! + record * recordSize
            labels.append(try label(start, path: path, record: record))
            Self.interleave(start + self.labels.count, to: pixels.baseAddress! + filled)
            filled += 3 * Self.plane
          }
        }
      }
    }
    return LabeledImages(height: Self.side, width: Self.side, pixels: pixels, labels: labels)
  }

  /// Checks the label bytes of a record; the last is the class.
  private func label(_ bytes: UnsafePointer<UInt8>, path: String, record: Int) throws -> Int32 {
    for (i, (name, count)) in labels.enumerated() where bytes[i] >= count {
      throw Failure(
        .badData,
        "\(path): record \(record) (from 0) has \(name) \(bytes[i]), but \(title) has 0 to \(count - 1): "
          + "the file is damaged or another format; \(hint)")
    }
    return Int32(bytes[labels.count - 1])
  }

  /// Three planes to H x W x 3.
  private static func interleave(_ planes: UnsafePointer<UInt8>, to pixels: UnsafeMutablePointer<UInt8>) {
    for i in 0..<plane {
      pixels[3 * i] = planes[i]
      pixels[3 * i + 1] = planes[plane + i]
      pixels[3 * i + 2] = planes[2 * plane + i]
    }
  }

  private func classNames(in home: String, notes: inout [String]) throws -> [String] {
    let path = FileAccess.join(home, namesFile)
    guard let names = try FileAccess.lines(of: path) else {
      notes.append("no \(path): the class names are built in")
      return fallbackNames
    }
    guard names.count == classes else {
      notes.append("\(path) has \(names.count) names, not \(classes): the class names are built in")
      return fallbackNames
    }
    return names
  }

  /// A line for those who have the other version of the data.
  static func pythonVersion(in path: String) -> String? {
    let marks = ["cifar-10-batches-py", "cifar-100-python", "data_batch_1"]
    guard
      let mark = marks.map({ FileAccess.join(path, $0) }).first(where: {
        FileAccess.isDirectory($0) || FileAccess.isFile($0)
      })
    else { return nil }
    return "\(mark) is CIFAR's version for Python, the binary version is needed: "
      + "get it with: launch/get-cifar 10 DIR (or 100)"
  }
}
