// How values of our own types are read from the command line.

import ArgumentParser
import Recipes
import Training

extension Real: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension WallTime: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension RewindTarget: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
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
