// The labels of own data as a person may have got them wrong: numbered from 1, or with a stray number among them.
//
// Labels are 0 ..< K, and K is one more than the largest of them. So one wrong label makes a network with outputs that no
// image ever asks for; where no image has some class, the user is asked.

import Failures

/// The training and test labels of a directory, none negative.
struct OwnLabels {
  let train: [Int32], test: [Int32]
  let directory: String

  /// The largest label; 0 without any.
  var largest: Int { Int(max(train.max() ?? 0, test.max() ?? 0)) }

  /// Makes sure that every class up to the largest label has an image.
  ///
  /// - Throws: `Failure(.badData)` that asks what a person would ask.
  func checkGaps() throws {
    let classes = largest + 1
    var counts = [Int](repeating: 0, count: classes)
    for label in train + test { counts[Int(label)] += 1 }
    guard let gap = counts.firstIndex(of: 0), let next = counts[gap...].firstIndex(where: { $0 > 0 }) else { return }
    let cure = "if \(classes) classes are meant, name all of them in class_names.txt, or set model.classes=\(classes)"
    guard gap > 0 else {
      throw Failure(
        .badData,
        "\(directory): labels go from \(next) to \(largest), and no image has label 0: do they start at \(next)? Then save "
          + "them less \(next); \(cure)")
    }
    let empty = counts.indices.filter { counts[$0] == 0 }
    let larger = counts[gap...].reduce(0, +)
    throw Failure(
      .badData,
      "\(directory): \(ClassNames.have(empty.count, of: classes)) no image (\(ClassNames.first(empty.map { "\($0)" }))), but "
        + "\(larger) of \(train.count + test.count) labels \(larger == 1 ? "is" : "are") larger than \(gap) (\(place(of: next))): "
        + "a mistake, or a mark for images without a label? Then leave those out; \(cure)")
  }

  /// "label 255, the first at 5 (from 0) of train_labels.npy".
  func place(of label: Int) -> String {
    for (part, labels) in [("train", train), ("test", test)] {
      if let index = labels.firstIndex(of: Int32(label)) {
        return "label \(label), the first at \(index) (from 0) of \(part)_labels.npy"
      }
    }
    return "label \(label)"
  }
}
