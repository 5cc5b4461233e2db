// What a step line says of all ranks: a step is as fast as its slowest rank.

/// Seconds of own work a step, outside of collectives, over all ranks; since the last line.
package struct RankTimes: Codable, Equatable {
  package let minimum: Double, median: Double, maximum: Double
  /// The rank that takes longest, and its host.
  package let slowest: Int
  package let host: String
}
