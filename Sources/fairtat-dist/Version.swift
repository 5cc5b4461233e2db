// What `--version` says.

import CPlatform

/// The version of the program.
enum Version {
  static let number = "0.1.0"

  /// The version, and the instruction set that the program was built for.
  static var text: String {
    "fairtat-dist \(number) (\(String(cString: platform_built_level())), \(String(cString: platform_built_march())))"
  }
}
