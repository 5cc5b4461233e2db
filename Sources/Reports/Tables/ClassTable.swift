// The table per class: size, clean and robust accuracy, false positive score, prior and margin; the worst class marked.

import Fairness

/// The class-wise results of one evaluation, or of one training epoch.
package struct ClassTable: Codable, Equatable, Sendable {
  /// One row per class, in the order of their indices.
  package var rows: [ClassRow]

  /// The table of an evaluation: of clean images, attacked images, or both.
  ///
  /// - Parameters:
  ///   - names: one per class.
  ///   - prior: q_k, where training knows it.
  ///   - margins255: in units of 1/255, where training knows them.
  package init(
    names: [String], clean: ConfusionMatrix? = nil, robust: ConfusionMatrix? = nil, prior: [Double]? = nil,
    margins255: [Float]? = nil
  ) {
    guard let main = robust ?? clean else { preconditionFailure("a class table needs counts") }
    self.init(
      names: names, examples: main.examples, clean: clean?.classAccuracy, robust: robust?.classAccuracy,
      cfp: main.falsePositiveScores, prior: prior, margins255: margins255, targets: nil)
  }

  /// The table of a training epoch: robust accuracy is that of its adversarial batches.
  package init(names: [String], training record: FairnessRecord) {
    let robust = zip(record.classCorrect, record.classCount).map { $1 == 0 ? nil : Double($0) / Double($1) }
    self.init(
      names: names, examples: record.classCount, clean: nil, robust: robust, cfp: record.cfp, prior: record.prior,
      margins255: record.margins255, targets: record.targets)
  }

  private init(
    names: [String], examples: [Int64], clean: [Double?]?, robust: [Double?]?, cfp: [Double]?, prior: [Double]?,
    margins255: [Float]?, targets: [Int64]?
  ) {
    let lengths = [names.count, clean?.count, robust?.count, cfp?.count, prior?.count, margins255?.count]
    precondition(lengths.allSatisfy { $0 == nil || $0 == examples.count }, "one value per class expected")
    let worst = Set(WorstClasses.indices(robust ?? clean ?? [], clean: clean))
    rows = names.indices.map { k in
      ClassRow(
        index: k, name: names[k], count: examples[k], clean: clean?[k], robust: robust?[k], cfp: cfp?[k],
        prior: prior?[k], margin255: margins255?[k], targets: targets?[k], isWorst: worst.contains(k))
    }
  }
}
