// What a model and the data at hand do not have in common: lines for the user. The model's normalisation and class names
// hold; labels are compared by number.

import Datasets
import Failures
import Networks

/// A model beside images that are to be judged, or trained on.
struct ModelComparison {
  let model: ModelDescription
  let data: Dataset
  /// What a training on this data would normalise with; nil where that is not known.
  let statistics: ChannelStatistics?

  /// One line each for normalisation, image size and class names that differ.
  var notes: [String] { [normalisation, imageSize, classNames].compactMap { $0 } }

  private var normalisation: String? {
    guard let own = model.normalisation, let theirs = statistics.map(Normalisation.init), own != theirs else {
      return nil
    }
    return "pixels are normalised as the model was trained, by \(own); a training on this data would have \(theirs)"
  }

  private var imageSize: String? {
    guard let size = model.imageSize, size != [data.height, data.width] else { return nil }
    return "the model was trained on images of \(size[0])x\(size[1]), these are \(data.height)x\(data.width)"
  }

  private var classNames: String? {
    guard let names = model.classNames, names != data.classNames else { return nil }
    // Data without names has numbers for them, as many as it has labels.
    let pairs = zip(names, data.classNames).enumerated().filter { $0.element.0 != $0.element.1 }
    let isUnnamed = data.classNames.enumerated().allSatisfy { $0.element == "class \($0.offset)" }
    if !isUnnamed, let (number, (ours, theirs)) = pairs.first {
      let more = pairs.count > 1 ? " and \(pairs.count - 1) more" : ""
      return
        "class \(number) is '\(ours)' for the model and '\(theirs)' in this data\(more): labels are compared by number"
    }
    return names.count == data.classCount
      ? nil : "the model has \(names.count) classes, this data \(data.classCount)"
  }

  /// A line where some of the model's classes have no test image.
  var absentClasses: String? {
    guard let names = model.classNames else { return nil }
    // The file of the weights may name fewer than the model has.
    let counts = data.test.classCounts(classes: max(names.count, data.classCount))
    let absent = names.indices.filter { counts[$0] == 0 }
    guard !absent.isEmpty else { return nil }
    return "\(absent.count) of the model's \(names.count) classes have no test image here: "
      + ClassNames.first(absent.map { names[$0] })
  }
}
