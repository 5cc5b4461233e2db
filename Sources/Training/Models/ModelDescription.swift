// What a model's file says beside its weights: text in the metadata of safetensors, where PyTorch's `load_file` does not see
// it, so that the tensors stay the state dict of the network and `load_state_dict` takes them as they are.
//
//   normalize.mean, normalize.std   of red, green, blue, JSON; every bit comes back
//   image_size                      height and width of the images trained on, JSON
//   classes                         the names of the classes, one a line
//
// An exported model also says where it comes from:
//
//   model                           the network, its width and number of classes, for people
//   weights, step, epoch            of what training: as trained or an average, and how far that was
//   recipe.name, recipe             that training's recipe, YAML
//   data, data.digest, data.test    what it was trained on: name and SHA-256, that of the test images
//   source, program                 the file that it was imported from; what wrote this one

import Failures
import Networks

/// What is known of a model beside its weights; nil where a file does not say.
package struct ModelDescription: Equatable, Sendable {
  package var normalisation: Normalisation?
  /// Whether the normalisation is that of the data at hand, because nothing says what it was.
  package var isPresumed = false
  package var classNames: [String]?
  /// Height and width.
  package var imageSize: [Int]?

  package init(normalisation: Normalisation? = nil, classNames: [String]? = nil, imageSize: [Int]? = nil) {
    self.normalisation = normalisation
    self.classNames = classNames
    self.imageSize = imageSize
  }

  /// Reads the metadata of a file.
  ///
  /// - Throws: `Failure(.badData)` naming the file where its normalisation is none.
  init(_ metadata: [String: String], path: String) throws {
    let texts = ["normalize.mean", "normalize.std"].map { metadata[$0] }
    if texts.contains(where: { $0 != nil }) {
      let (mean, deviation) = (texts[0] ?? "nothing", texts[1] ?? "nothing")
      guard let normalisation = Normalisation(meanText: mean, deviationText: deviation) else {
        throw Failure(
          .badData,
          "\(path) says normalize.mean \(mean) and normalize.std \(deviation): they must be lists of three numbers, those of "
            + "the second above 0")
      }
      self.normalisation = normalisation
    }
    classNames = metadata["classes"].map { $0.split(separator: "\n").map(String.init) }
    // Only told to the user: what cannot be read is not there.
    imageSize = metadata["image_size"].flatMap { text in
      let numbers = text.split(whereSeparator: { "[], ".contains($0) }).compactMap { Int($0) }
      return numbers.count == 2 ? numbers : nil
    }
  }

  /// As metadata of a file.
  var metadata: [String: String] {
    var metadata = ["format": "pt"]
    if let normalisation {
      metadata["normalize.mean"] = normalisation.meanText
      metadata["normalize.std"] = normalisation.deviationText
    }
    if let imageSize { metadata["image_size"] = "\(imageSize)" }
    if let classNames { metadata["classes"] = classNames.joined(separator: "\n") }
    return metadata
  }
}
