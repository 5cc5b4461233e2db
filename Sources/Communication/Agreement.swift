// Ranks agree, provably: what must be equal everywhere is compared with rank 0's, and who differs is named.

import Failures

extension Communicator {
  /// Compares a text with rank 0's, on every rank.
  ///
  /// - Parameters:
  ///   - text: a recipe, a digest, a version.
  ///   - what: its name in the message, such as `the recipe`.
  ///   - code: what a difference means: `.configuration` for how ranks were started, `.internal` for what they computed.
  ///   - cure: what the user should do.
  /// - Throws: the same `Failure` on every rank, with the ranks that differ from rank 0 and their hosts.
  package func agree(
    on text: String, what: String, code: ExitCode = .configuration,
    cure: String = "start every rank with the same program, recipe and environment"
  ) throws {
    let differs = try broadcast(text, from: 0) != text
    let answers = try allGather(differs ? Array("rank \(rank) (\(hostName))".utf8) : [])
    let names = answers.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    guard !names.isEmpty else { return }
    let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    throw Failure(code, "\(what) differs from rank 0's on \(shown) of \(size) ranks; \(cure)")
  }
}
