// Which of several evaluations count: the first of the same weights, with what there is to say of the others.

import Fairness

/// Evaluations with the places that they come from.
struct CountedEvaluations: Sendable {
  /// The first of each recipe, seed, set of weights and checkpoint.
  private(set) var counted: [(place: String, file: EvaluationFile)] = []
  private(set) var remarks: [Remark] = []

  /// - Parameter objection: why a file is none of these; nil for one that is.
  init(_ files: [(place: String, file: EvaluationFile)], _ objection: (EvaluationFile) -> String?) {
    for (place, file) in files {
      if let objection = objection(file) {
        remarks.append(Remark("\(place) is left out: \(objection)"))
      } else if let first = counted.first(where: { $0.file.isOfSameWeights(as: file) }) {
        let agree = AccuracyFigure.allCases.allSatisfy { first.file.value($0) == file.value($0) }
        let difference = agree ? "" : ", with other numbers"
        remarks.append(
          Remark("\(place) judges the same weights as \(first.place)\(difference): only that is counted"))
      } else {
        counted.append((place, file))
      }
    }
    remarks += RowDefinition.remarks(on: counted.map { ($0.place, $0.file.recipe, $0.file.subject.definition) })
  }

  /// Those of a setting; says where their images differ.
  mutating func files(of setting: String) -> [EvaluationFile] {
    let own = counted.map(\.file).filter { $0.setting.name == setting }
    if Set(own.map(\.subject.digest)).count > 1 {
      remarks.append(
        Remark(
          "WARNING: rows of \(setting) were judged by different images (their number, or model.digest of the files)",
          isWarning: true))
    }
    return own
  }
}

extension EvaluationFile {
  fileprivate func isOfSameWeights(as other: EvaluationFile) -> Bool {
    recipe == other.recipe && seed == other.seed && subject.weights == other.subject.weights
      && subject.moment == other.subject.moment
  }
}
