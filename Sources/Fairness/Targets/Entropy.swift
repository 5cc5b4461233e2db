// Entropy, for logs and tables only: `log` of the C library may differ in the last bit between CPUs, so nothing that
// ranks must agree on is computed from it.

import Foundation

/// The entropy of a distribution.
package enum Entropy {
  /// - sum p log p in nats, with 0 log 0 = 0.
  package static func nats(_ probabilities: [Double]) -> Double {
    probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
  }
}
