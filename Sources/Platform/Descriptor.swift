// write(2) until all is written.

import Failures
import Glibc

/// Calls on open files.
package enum Descriptor {
  /// Milliseconds that a pipe which must not be waited for (O_NONBLOCK) is waited for all the same.
  private static let patience: Int32 = 10_000

  /// Writes all bytes at the descriptor's position.
  ///
  /// - Parameter name: of the file or stream, for the message.
  /// - Throws: `Failure(.inputOutput)` with the name and the reason.
  package static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, name: String
  ) throws(Failure) {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
      let count = Glibc.write(descriptor, base, min(rest.count, 1 << 26))
      if count > 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if count == 0 {
        throw FileSystem.failure("write", name, error: ENOSPC)
      } else if errno == EAGAIN {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&request, 1, patience) == 0 { throw FileSystem.failure("write", name, error: EAGAIN) }
      } else if errno != EINTR {
        throw FileSystem.failure("write", name)
      }
    }
  }

  /// The same for an array.
  package static func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(Failure) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in
      try write(UnsafeRawBufferPointer(buffer), to: descriptor, name: name)
    }
  }
}
