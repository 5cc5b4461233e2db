// What launch/fuzz starts: libFuzzer around one of the readers.
//
//   FAIRTAT_FUZZ_READER=NAME FAIRTAT_FUZZ_FOLDER=DIR fuzz-readers [OPTIONS OF LIBFUZZER] [FOLDERS OF INPUTS]
//
// Reader and folder are in the environment, for libFuzzer starts this program again with options of its own.

import CFuzzer
import Foundation

/// The reader of this process, and the folder for its files.
private enum Harness {
  static let reader = ProcessInfo.processInfo.environment["FAIRTAT_FUZZ_READER"].flatMap(Reader.init)
  static let folder = ProcessInfo.processInfo.environment["FAIRTAT_FUZZ_FOLDER"] ?? "."
}

guard Harness.reader != nil else {
  print("FAIRTAT_FUZZ_READER names a reader: \(Reader.allCases.map(\.rawValue).joined(separator: ", "))")
  exit(64)
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
    do {
      _ = try Harness.reader?.read(UnsafeRawBufferPointer(start: bytes, count: count), in: Harness.folder)
    } catch {
      fatalError("\(error)")
    }
    return 0
  })
