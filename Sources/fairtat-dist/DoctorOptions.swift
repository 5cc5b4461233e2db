// What `doctor` was asked for, free of the command line's types.

/// How the findings are shown.
struct DoctorOptions: Sendable {
  let printsJSON: Bool
}
