// How values of our own types are read from the command line.

import ArgumentParser
import Attacks
import Options
import Recipes
import Training

extension Real: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Norm: ExpressibleByArgument {}

extension WallTime: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension RewindTarget: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// A number each for red, green and blue: `0.49,0.48,0.45`.
struct ColourTriple: ExpressibleByArgument, Sendable {
  let values: [Float]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Real(String($0)) }
    values = numbers.compactMap { $0?.float }
    guard values.count == 3, numbers.count == 3, values.allSatisfy(\.isFinite) else { return nil }
  }
}

/// What to do with a run that is there already.
enum ResumePolicy: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Go on with it if it is there, else begin.
  case auto
  /// Refuse a run directory that holds a run.
  case never
  /// Refuse one that holds none.
  case must

  var rule: ResumeRule {
    switch self {
    case .auto: .auto
    case .never: .never
    case .must: .must
    }
  }
}

/// Which weights of a checkpoint are meant.
enum WeightKind: String, CaseIterable, ExpressibleByArgument, Sendable {
  case raw, ema, fawa
}
