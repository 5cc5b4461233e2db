// What is unusual about the classes of a data set, but no error: a person would ask whether it is meant.

extension Dataset {
  /// Lines on classes without training or test images.
  ///
  /// None for test images alone: they are judged by a model that has its own classes.
  static func classNotes(_ names: [String], train: LabeledImages, test: LabeledImages) -> [String] {
    guard train.count > 0 else { return [] }
    func note(_ part: String, _ images: LabeledImages, _ consequence: String) -> String? {
      let absent = zip(names, images.classCounts(classes: names.count)).filter { $1 == 0 }.map(\.0)
      guard !absent.isEmpty else { return nil }
      return "\(ClassNames.have(absent.count, of: names.count)) no \(part) image (\(ClassNames.first(absent))): "
        + consequence
    }
    return [
      note("training", train, "nothing is learnt there; are the labels, or data.limit-train, as they are meant?"),
      note("test", test, "test results pass over that; are the labels, or data.limit-test, as they are meant?"),
    ].compactMap { $0 }
  }

  /// Lines on classes that validation judges by few images or none; none where nothing is to be held out.
  ///
  /// - Parameter fraction: what `split` was made with.
  package func notes(on split: ValidationSplit, fraction: Double) -> [String] {
    guard fraction > 0, !split.validation.isEmpty else { return [] }
    let training = train.classCounts(classes: classCount)
    var held = [Int](repeating: 0, count: classCount)
    for index in split.validation { held[Int(train.labels[index])] += 1 }
    func note(_ classes: [Int], _ what: String, _ counts: [Int], _ consequence: String) -> String? {
      guard !classes.isEmpty else { return nil }
      let names = ClassNames.first(classes.map { "\(classNames[$0]) has \(counts[$0])" })
      return "\(ClassNames.have(classes.count, of: classCount)) \(what) (\(names)): \(consequence)"
    }
    return [
      note(
        held.indices.filter { held[$0] == 0 }, "too few training images to hold one out for validation", training,
        "the best epoch, FAWA and validation's worst class pass over that"),
      note(
        held.indices.filter { 1..<Self.fewValidationImages ~= held[$0] },
        "fewer than \(Self.fewValidationImages) validation images", held,
        "the best epoch, FAWA and validation's worst class go by few; raise data.validation to hold out more"),
    ].compactMap { $0 }
  }

  /// With fewer images than these, one of them moves the accuracy of its class by more than 5 %.
  private static let fewValidationImages = 20
}
