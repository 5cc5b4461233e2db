// Which epoch lines are believed.

import Fairness

extension EpochEntry {
  /// What a run cannot have written, if there is such a thing.
  ///
  /// - Parameter classes: K of the lines before; that of this line where none told.
  func fault(classes: inout Int?) -> String? {
    var check = LineCheck()
    check.place(epoch: epoch, step: step)
    check.number(imagesPerSecond, "images_per_second", in: LineCheck.notNegative)
    check.number(train?.loss, "train.loss")
    check.number(train?.robustAccuracy, "train.robust_accuracy", in: LineCheck.fraction)
    check.counts(train?.classCount, "train.class_count")
    check.counts(train?.classCorrect, "train.class_correct")
    check.numbers(cfp, "cfp", in: LineCheck.fraction)
    check.numbers(prior, "prior", in: LineCheck.fraction)
    check.counts(targets, "targets")
    check.numbers(margins255, "margins255", in: LineCheck.notNegative)
    for (name, value) in (accepted ?? [:]).sorted(by: { $0.key < $1.key }) {
      check.count(Int64(value), "accepted.\(name)")
    }
    var lists: [(name: String, count: Int?)] = [
      ("train.class_count", train?.classCount?.count), ("train.class_correct", train?.classCorrect?.count),
      ("cfp", cfp?.count), ("prior", prior?.count), ("targets", targets?.count), ("margins255", margins255?.count),
    ]
    for split in ResultSplit.allCases {
      for (weights, result) in results(split).sorted(by: { $0.key < $1.key }) {
        let place = "\(split.rawValue).\(weights)"
        for figure in AccuracyFigure.allCases {
          check.number(result[figure], "\(place), \(figure.title) accuracy,", in: LineCheck.fraction)
        }
        check.numbers(result.classClean, "\(place).class_clean", in: LineCheck.fraction)
        check.numbers(result.classRobust, "\(place).class_robust", in: LineCheck.fraction)
        lists.append(("\(place).class_clean", result.classClean?.count))
        lists.append(("\(place).class_robust", result.classRobust?.count))
      }
    }
    let length = check.classes(lists, known: classes)
    if check.fault == nil { classes = length }
    return check.fault
  }
}
