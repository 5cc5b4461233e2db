// The host's name, for messages and the log.

import Glibc

/// The name the kernel gives for this host, up to its first dot or not as the host is set up.
package func currentHostName() -> String {
  var name = [UInt8](repeating: 0, count: 256)
  let status = name.withUnsafeMutableBytes { gethostname($0.baseAddress!.assumingMemoryBound(to: CChar.self), 255) }
  return status == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
}
