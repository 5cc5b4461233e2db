// What `doctor` was asked for, free of the command line's types.

/// How to look, and how the findings are shown.
struct DoctorOptions: Sendable {
  let printsJSON: Bool
  /// The number of ranks that the user means to have started.
  let expectedRanks: Int?
  /// Threads a rank that a run is to have; nil as `auto` would give.
  let threads: Int?
}
