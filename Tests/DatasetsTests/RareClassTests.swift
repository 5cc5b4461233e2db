// Classes with few images or none: what is held out of them, and what is said.

import Datasets
import Testing

@Suite struct RareClassTests {
  /// Labels of classes with so many images each, class after class in turns as long as they last.
  private func labels(_ counts: [Int]) -> [Int32] {
    (0..<(counts.max() ?? 0)).flatMap { i in counts.indices.filter { i < counts[$0] }.map { Int32($0) } }
  }

  private func images(_ counts: [Int]) -> LabeledImages {
    let labels = labels(counts)
    return LabeledImages(
      height: 1, width: 1, pixels: [UInt8](repeating: 9, count: 3 * labels.count), labels: labels)
  }

  private func dataset(train: [Int], test: [Int]) -> Dataset {
    Dataset(
      name: "test", classNames: train.indices.map { "c\($0)" }, train: images(train), test: images(test))
  }

  private func held(_ counts: [Int], _ fraction: Double, _ rule: HoldOutRule = .atLeastOne) -> [Int] {
    let labels = labels(counts)
    let split = ValidationSplit(labels: labels, classes: counts.count, fraction: fraction, rule: rule)
    #expect((split.train + split.validation).sorted() == Array(labels.indices) && split.rule == rule)
    // The first of each class in file order.
    for k in counts.indices {
      let own = split.validation.filter { labels[$0] == Int32(k) }
      #expect(own == Array(labels.indices.filter { labels[$0] == Int32(k) }.prefix(own.count)))
    }
    return counts.indices.map { k in split.validation.count { labels[$0] == Int32(k) } }
  }

  /// 2 % of 5000, 149, 99 and 50 are 100, 2.98, 1.98 and 1.
  @Test func atLeastOneOfEveryClassWithTwo() {
    let counts = [5000, 149, 99, 50, 49, 7, 2, 1, 0]
    #expect(held(counts, 0.02) == [100, 2, 1, 1, 1, 1, 1, 0, 0])
    #expect(held(counts, 0.02, .roundedDown) == [100, 2, 1, 1, 0, 0, 0, 0, 0])
    #expect(held(counts, 1e-6) == [1, 1, 1, 1, 1, 1, 1, 0, 0])
    #expect(held(counts, 0) == [Int](repeating: 0, count: 9))
    // One image at least stays for training.
    #expect(held([3, 2, 1], 0.999_999_999_9) == [2, 1, 0])
    // A class's share does not depend on the others.
    #expect(held([30, 20], 0.02) == [1, 1] && held([30, 20, 100_000], 0.02) == [1, 1, 2000])
  }

  @Test func weaklyJudgedClassesAreNamed() {
    let data = dataset(train: [1000, 999, 60, 1, 0, 40], test: [1, 1, 1, 1, 1, 1])
    let split = data.split(validation: 0.02)
    let notes = data.notes(on: split, fraction: 0.02)
    #expect(notes.count == 2)
    #expect(
      notes[0].hasPrefix(
        "2 of 6 classes have too few training images to hold one out for validation (c3 has 1, c4 has 0): "))
    // 2 % of 1000 are 20, of 999 are 19.
    #expect(
      notes[1].hasPrefix("3 of 6 classes have fewer than 20 validation images (c1 has 19, c2 has 1, c5 has 1): "))
    #expect(data.notes(on: data.split(validation: 0), fraction: 0).isEmpty)
    let large = dataset(train: [1000, 1000], test: [1, 1])
    #expect(large.notes(on: large.split(validation: 0.02), fraction: 0.02).isEmpty && large.notes.isEmpty)
    // A thousand names would be no note.
    let many = dataset(train: [Int](repeating: 50, count: 300), test: [Int](repeating: 1, count: 300))
    let note = many.notes(on: many.split(validation: 0.02), fraction: 0.02)
    #expect(note.count == 1 && note[0].hasPrefix("300 of 300 classes have fewer than 20 validation images (c0 has 1, "))
    #expect(note[0].contains("c4 has 1, ...)") && !note[0].contains("c5"))
  }

  @Test func classesWithoutImagesAreNamed() {
    let notes = dataset(train: [3, 0, 2, 0], test: [1, 1, 0, 0]).notes
    #expect(notes.count == 2)
    #expect(notes[0].hasPrefix("2 of 4 classes have no training image (c1, c3): "))
    #expect(notes[1].hasPrefix("2 of 4 classes have no test image (c2, c3): "))
    #expect(notes[0].hasSuffix("?") && notes[1].hasSuffix("?"))
    #expect(dataset(train: [3, 1], test: [0, 1]).notes[0].hasPrefix("1 of 2 classes has no test image (c0): "))
  }
}

/// Labels of own data that a person did not mean.
@Suite struct OwnLabelTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func load(train: [Int64], test: [Int64], classes: Int? = nil) throws -> Dataset {
    for (part, labels) in [("train", train), ("test", test)] {
      let pixels = [UInt8](repeating: 7, count: labels.count * 16 * 16 * 3)
      try NPYWriter.write(pixels, shape: [labels.count, 16, 16, 3], to: "\(home.path)/\(part)_images.npy")
      try NPYWriter.write(labels, shape: [labels.count], to: "\(home.path)/\(part)_labels.npy")
    }
    return try DatasetCatalog.load(DatasetRequest(name: "npy", path: home.path, classes: classes))
  }

  @Test func countedFromOne() throws {
    expectFailure(.badData, home.path, "labels go from 1 to 3", "no image has label 0: do they start at 1?", "less 1") {
      _ = try load(train: [3, 1, 2, 2], test: [2, 1])
    }
    expectFailure(.badData, "labels go from 5 to 6", "do they start at 5?") { _ = try load(train: [6, 5], test: [5]) }
    // In the training set only: then class 0 is one that is not learnt.
    #expect(try load(train: [1, 2], test: [0, 1, 2]).notes.count == 1)
  }

  @Test func strays() throws {
    expectFailure(
      .badData, "896 of 901 classes have no image (4, 5, 6, 7, 8, ...)",
      "1 of 9 labels is larger than 4 (label 900, the first at 2 (from 0) of test_labels.npy)",
      "model.classes=901", "class_names.txt"
    ) { _ = try load(train: [0, 1, 2, 3, 2, 1], test: [0, 1, 900]) }
    expectFailure(
      .badData, "1 of 5 classes has no image (2)", "3 of 6 labels are larger than 2",
      "(label 3, the first at 1 (from 0) of train_labels.npy)"
    ) { _ = try load(train: [0, 3, 1, 4], test: [0, 3]) }
    for label in [-1, 65_535, 4096] as [Int64] {
      expectFailure(.badData, "train_labels.npy", "label 2 (from 0) is \(label)", "at most 4095", "without a label?") {
        _ = try load(train: [0, 1, label], test: [0, 1])
      }
    }
  }

  /// Whoever says how many classes are meant may have empty ones.
  @Test func declaredClassesMayBeEmpty() throws {
    let labels: (train: [Int64], test: [Int64]) = ([0, 1, 4], [0, 5])
    expectFailure(.badData, "2 of 6 classes have no image (2, 3)") {
      _ = try load(train: labels.train, test: labels.test)
    }
    expectFailure(.badData, "2 of 6") { _ = try load(train: labels.train, test: labels.test, classes: 5) }
    let declared = try load(train: labels.train, test: labels.test, classes: 6)
    #expect(declared.classCount == 6)
    #expect(
      declared.notes.map { String($0.prefix { $0 != ":" }) } == [
        "3 of 6 classes have no training image (class 2, class 3, class 5)",
        "4 of 6 classes have no test image (class 1, class 2, class 3, class 4)",
      ])
    try home.write("a\nb\nc\nd\ne\nf\ng\n", "class_names.txt")
    #expect(try load(train: labels.train, test: labels.test).classCount == 7)
    expectFailure(.badData, "names 7 classes", "label 9, the first at 0 (from 0) of test_labels.npy") {
      _ = try load(train: labels.train, test: [9])
    }
    try home.write((0..<4097).map { "n\($0)\n" }.joined(), "class_names.txt")
    expectFailure(.badData, "names 4097 classes", "4096") { _ = try load(train: labels.train, test: labels.test) }
  }

  @Test func oneHotLabels() throws {
    _ = try load(train: [0, 1], test: [0, 1])
    try NPYWriter.write([1, 0, 0, 1] as [Int64], shape: [2, 2], to: "\(home.path)/test_labels.npy")
    expectFailure(.badData, "test_labels.npy has shape (2, 2)", "argmax") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "npy", path: home.path))
    }
  }
}
