// Whether there is an OpenBLAS to compare with.

import Foundation

enum OpenBLASLibrary {
  /// Whether the dynamic linker knows it; asking loads nothing.
  static let isInstalled: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/sbin/ldconfig")
    process.arguments = ["-p"]
    let output = Pipe()
    process.standardOutput = output
    guard (try? process.run()) != nil else { return false }
    let libraries = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return libraries.contains("libopenblas.so.0 ")
  }()
}
