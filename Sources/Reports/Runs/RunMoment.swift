// Which epoch of a run is meant.

/// The epochs that results are reported for.
package enum RunMoment: String, CaseIterable, Sendable {
  case last, best

  package var title: String {
    switch self {
    case .last: "last epoch"
    case .best: "best by validation"
    }
  }
}
