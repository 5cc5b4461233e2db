// The file for what a command has to tell at its end: opened, or at least looked at, before the work begins, so that hours
// of it are not lost to a slip in a name.
//
// A regular file, and one that is yet to be, is replaced as a whole, in the directory that links lead to. Anything else
// (devices, pipes, `/dev/fd/N`) is written to and stays what it is. `-` is standard output.

import Failures
import Glibc
import Platform

/// Where results will be written.
package final class OutputFile {
  /// As it was named.
  package let path: String
  private let target: Target

  private enum Target {
    case standardOutput
    /// An open file of this process, which closes it.
    case descriptor(Int32)
    /// A regular file, without links, to be replaced as a whole.
    case replaced(String)
    /// A regular file in a directory that nothing can be added to, to be written over.
    case overwritten(String)
    /// A pipe with a name that nobody reads yet.
    case unread(String)
  }

  /// Whether it is standard output: then what else is said belongs elsewhere.
  package var isStandardOutput: Bool { if case .standardOutput = target { true } else { false } }

  /// The file that will be replaced, without links; nil where it is written to as it is.
  package var replaced: String? { if case .replaced(let place) = target { place } else { nil } }

  /// Looks at a place for results.
  ///
  /// - Parameter path: `-` for standard output.
  /// - Throws: `Failure(.cannotCreate)`: a directory, one that does not exist or cannot be written in, and so on.
  package init(_ path: String) throws(Failure) {
    self.path = path
    target = try Self.target(path)
  }

  deinit { if case .descriptor(let descriptor) = target { close(descriptor) } }

  /// Writes all of it, once.
  ///
  /// - Throws: `Failure(.inputOutput)` with the path and the reason.
  package func write(_ bytes: some Sequence<UInt8>) throws {
    switch target {
    case .standardOutput: try Descriptor.write(Array(bytes), to: STDOUT_FILENO, name: "standard output")
    case .descriptor(let descriptor): try Descriptor.write(Array(bytes), to: descriptor, name: path)
    case .replaced(let place): try AtomicFile.write(bytes, to: place)
    case .overwritten(let place):
      let descriptor = open(place, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY)
      guard descriptor >= 0 else { throw FileSystem.failure("open", path) }
      defer { close(descriptor) }
      try Descriptor.write(Array(bytes), to: descriptor, name: path)
    case .unread(let place):
      let descriptor = Self.waitForReader(place)
      guard descriptor >= 0 else { throw FileSystem.failure("open the pipe", "\(path), which nobody reads") }
      defer { close(descriptor) }
      try Descriptor.write(Array(bytes), to: descriptor, name: path)
    }
  }

  // MARK: - Where a path leads

  private static func target(_ path: String) throws(Failure) -> Target {
    func failure(_ error: Int32 = errno) -> Failure {
      FileSystem.failure("write to", path, code: .cannotCreate, error: error)
    }
    if path == "-" { return try inherited(STDOUT_FILENO, path) }
    if path.isEmpty {
      throw Failure(.cannotCreate, "the file to write has no name: give one, or - for standard output")
    }
    if path.utf8.last == UInt8(ascii: "/") { throw failure(FileSystem.isDirectory(path) ? EISDIR : ENOENT) }
    var place = path
    // As many links as the kernel follows.
    for _ in 0..<40 {
      let parent = Path.parent(of: place)
      guard let directory = FileSystem.realPath(parent) else { throw failure() }
      let name = Path.name(of: place)
      // A link there is no path that could be opened anew: the file may be deleted, or of another user.
      if isOwnDescriptors(directory), let number = Int32(name) { return try inherited(number, path) }
      place = Path.join(directory, name)
      var status = stat()
      guard lstat(place, &status) == 0 else {
        guard errno == ENOENT else { throw failure() }
        guard access(directory, W_OK | X_OK) == 0 else { throw failure() }
        return .replaced(place)
      }
      guard status.st_mode & S_IFMT == S_IFLNK, let link = FileSystem.target(ofLink: place) else {
        return try target(place, in: directory, status, failure)
      }
      place = Path.join(directory, link)
    }
    throw failure(ELOOP)
  }

  /// What becomes of something that exists.
  private static func target(
    _ place: String, in directory: String, _ status: stat, _ failure: (Int32) -> Failure
  ) throws(Failure) -> Target {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw failure(EISDIR)
    case S_IFREG:
      // What was said there would be lost with the file.
      if isStandardOutput(status) { return try inherited(STDOUT_FILENO, place) }
      guard access(place, W_OK) == 0 else { throw failure(errno) }
      return access(directory, W_OK | X_OK) == 0 ? .replaced(place) : .overwritten(place)
    case S_IFIFO:
      guard access(place, W_OK) == 0 else { throw failure(errno) }
      let descriptor = open(place, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if descriptor >= 0 { return .descriptor(descriptor) }
      guard errno == ENXIO else { throw failure(errno) }
      return .unread(place)
    default:
      let descriptor = open(place, O_WRONLY | O_CLOEXEC | O_NOCTTY)
      guard descriptor >= 0 else { throw failure(errno) }
      return .descriptor(descriptor)
    }
  }

  /// A file that this process was started with.
  private static func inherited(_ descriptor: Int32, _ path: String) throws(Failure) -> Target {
    let mode = fcntl(descriptor, F_GETFL)
    guard mode >= 0, mode & O_ACCMODE != O_RDONLY else {
      let name = descriptor == STDOUT_FILENO ? "standard output" : path
      throw FileSystem.failure("write to", name, error: EBADF)
    }
    var status = stat()
    if descriptor == STDOUT_FILENO || fstat(descriptor, &status) == 0 && isStandardOutput(status) {
      return .standardOutput
    }
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw FileSystem.failure("write to", path) }
    return .descriptor(copy)
  }

  /// Whether a directory, without links, is where the kernel shows the open files of this process.
  private static func isOwnDescriptors(_ directory: String) -> Bool {
    directory == "/proc/\(getpid())/fd" || directory.hasPrefix("/proc/\(getpid())/task/") && directory.hasSuffix("/fd")
  }

  /// Whether standard output leads to the same file, pipe or terminal.
  private static func isStandardOutput(_ status: stat) -> Bool {
    var output = stat()
    return fstat(STDOUT_FILENO, &output) == 0 && output.st_ino == status.st_ino && output.st_dev == status.st_dev
  }

  /// Opens a pipe that somebody may be about to read, for ten seconds; negative if nobody does.
  private static func waitForReader(_ place: String) -> Int32 {
    for _ in 0..<100 {
      let descriptor = open(place, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if descriptor >= 0 || errno != ENXIO { return descriptor }
      usleep(100_000)
    }
    return -1
  }
}
