// What is done about a stall.

import Failures

/// Called by the watch's own thread.
package struct StallHandler: Sendable {
  /// Tells the user that this host waits; the run goes on.
  package let say: @Sendable (String) -> Void
  /// Ends this process, after telling the user; nil where another rank of the host has told.
  package let end: @Sendable (Failure?) -> Void

  package init(say: @escaping @Sendable (String) -> Void, end: @escaping @Sendable (Failure?) -> Void) {
    self.say = say
    self.end = end
  }
}
