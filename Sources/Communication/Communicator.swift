// The collectives we need. Every rank of a group calls the same ones in the same order with matching sizes; all block.

import Failures

/// A group of ranks that work on one run.
///
/// The calls are made by one thread of a rank, the one that its group started (under MPI: the main thread). All sizes
/// that a contract calls equal must be equal on all ranks. Errors are `Failure`s; after one the group is good for
/// nothing but its end.
package protocol Communicator: AnyObject, Sendable {
  /// This rank, `0 ..< size`.
  var rank: Int { get }
  /// Ranks in the group.
  var size: Int { get }
  /// This rank's place among the ranks on its host, `0 ..< nodeSize`.
  var nodeRank: Int { get }
  /// Ranks on this rank's host.
  var nodeSize: Int { get }
  /// The name of this rank's host.
  var hostName: String { get }

  /// Replaces each value by its sum over ranks; as many values on every rank. Overflow wraps.
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Int64>) throws

  /// Replaces each value by its greatest over ranks; as many values on every rank.
  func allReduceMaximum(_ values: UnsafeMutableBufferPointer<Int64>) throws

  /// Replaces each value by its least over ranks; as many values on every rank.
  func allReduceMinimum(_ values: UnsafeMutableBufferPointer<Int64>) throws

  /// Replaces each value by its sum over ranks, the same on every rank; as many values on every rank.
  ///
  /// The order of the additions is the implementation's: another number of ranks may give other bits.
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) throws

  /// Copies the bytes of `root` over those of every rank; as many bytes on every rank.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws

  /// Puts the bytes of all ranks one after the other, on every rank.
  ///
  /// - Parameters:
  ///   - bytes: `counts[rank]` bytes; they may be this rank's place in `gathered`, else the two do not overlap.
  ///   - gathered: room for the sum of `counts`.
  ///   - counts: the bytes of each rank, equal on all ranks.
  func allGather(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]) throws

  /// Sends a block to each rank, receives one from each; itself included.
  ///
  /// - Parameters:
  ///   - values: what is sent; `blocks` says which part goes to which rank.
  ///   - received: does not overlap `values`; `receivedBlocks` says where the block of each rank goes. Its count is what
  ///     that rank sends to this one. Counts and displacements are below 2^31; what is larger is refused.
  func exchange(
    _ values: UnsafeBufferPointer<Float>, _ blocks: BlockList,
    into received: UnsafeMutableBufferPointer<Float>, _ receivedBlocks: BlockList) throws

  /// Returns when every rank has called it.
  func barrier() throws

  /// Makes memory that the ranks of this host share; a call of all ranks, good while the communicator is.
  func makeNodeBoard() throws -> NodeBoard

  /// Ends all ranks at once, wherever they are. Whoever calls it has told the user why.
  func abort(_ code: ExitCode) -> Never
}
