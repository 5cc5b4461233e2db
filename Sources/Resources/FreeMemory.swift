// What memory there is for this process.

import CPlatform

/// Bytes that are free, seen from one process.
package struct FreeMemory: Codable, Sendable {
  /// On the host, or in the control group: for all ranks there together; nil if unknown.
  package let host: Int?
  /// Below the limits of this process alone (ulimit -v, -d); nil without any.
  package let process: Int?

  package init(host: Int?, process: Int?) {
    self.host = host
    self.process = process
  }

  /// What this process finds.
  package init() {
    let available = platform_available_memory()
    host = available > 0 ? Int(clamping: available) : nil
    let below = platform_memory_below_limits()
    process = below < .max ? Int(clamping: below) : nil
  }
}
