// The collectives among threads: each rank lays out what it brings, all meet, each takes what it needs, all meet.

import Communication
import Failures
import Glibc

/// One rank of a `LocalGroup`.
final class LocalCommunicator: Communicator {
  let rank: Int
  let hostName = currentHostName()
  private let meeting: LocalMeeting

  init(rank: Int, meeting: LocalMeeting) {
    self.rank = rank
    self.meeting = meeting
  }

  var size: Int { meeting.size }
  var nodeRank: Int { rank }
  var nodeSize: Int { size }

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Int64>) throws { try reduce("sum", values, &+) }
  func allReduceMaximum(_ values: UnsafeMutableBufferPointer<Int64>) throws { try reduce("maximum", values, max) }
  func allReduceMinimum(_ values: UnsafeMutableBufferPointer<Int64>) throws { try reduce("minimum", values, min) }

  /// In the order of the ranks.
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) throws {
    var result = [Float](repeating: 0, count: values.count)
    let offer = LocalMeeting.Offer(contract: "sum of \(values.count) Floats", bytes: UnsafeRawBufferPointer(values))
    try collective(offer) { offers in
      for peer in 0..<size {
        let others = offers[peer].bytes.assumingMemoryBound(to: Float.self)
        for i in result.indices { result[i] = peer == 0 ? others[i] : result[i] + others[i] }
      }
      return nil
    }
    _ = values.update(fromContentsOf: result)
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
    try Contract.broadcast(root: root, size: size)
    let offer = LocalMeeting.Offer(
      contract: "broadcast of \(bytes.count) bytes from \(root)", bytes: UnsafeRawBufferPointer(bytes))
    try collective(offer) { offers in
      if rank != root { bytes.copyMemory(from: offers[root].bytes) }
      return nil
    }
  }

  func allGather(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws {
    try Contract.allGather(bytes.count, room: gathered.count, counts: counts, rank: rank, size: size)
    let places = BlockList(counts: counts)
    try collective(LocalMeeting.Offer(contract: "all-gather of \(counts) bytes", bytes: bytes)) { offers in
      for peer in 0..<size {
        UnsafeMutableRawBufferPointer(rebasing: gathered[places[peer]]).copyMemory(from: offers[peer].bytes)
      }
      return nil
    }
  }

  func exchange(
    _ values: UnsafeBufferPointer<Float>, _ blocks: BlockList,
    into received: UnsafeMutableBufferPointer<Float>, _ receivedBlocks: BlockList
  ) throws {
    try Contract.exchange(blocks, length: values.count, rank: rank, size: size)
    try Contract.exchange(receivedBlocks, length: received.count, rank: rank, size: size)
    let offer = LocalMeeting.Offer(contract: "exchange", bytes: UnsafeRawBufferPointer(values), blocks: blocks)
    try collective(offer) { offers in
      for peer in 0..<size {
        let block = offers[peer].blocks[rank]
        guard block.count == receivedBlocks.counts[peer] else {
          return "rank \(peer) sends \(block.count) numbers, rank \(rank) expects \(receivedBlocks.counts[peer])"
        }
        guard !block.isEmpty else { continue }
        let sent = offers[peer].bytes.assumingMemoryBound(to: Float.self).extracting(block)
        _ = received.extracting(receivedBlocks[peer]).update(fromContentsOf: sent)
      }
      return nil
    }
  }

  func barrier() throws { try collective(LocalMeeting.Offer(contract: "barrier")) { _ in nil } }

  func makeNodeBoard() throws -> NodeBoard {
    let board = NodeBoard(memory: meeting.board, owner: meeting, count: size, place: rank, rank: rank)
    try barrier()
    return board
  }

  func abort(_ code: ExitCode) -> Never { exit(code.rawValue) }

  private func reduce(
    _ name: String, _ values: UnsafeMutableBufferPointer<Int64>, _ merge: (Int64, Int64) -> Int64
  ) throws {
    var result = Array(values)
    let offer = LocalMeeting.Offer(contract: "\(name) of \(values.count)", bytes: UnsafeRawBufferPointer(values))
    try collective(offer) { offers in
      for peer in 0..<size where peer != rank {
        let others = offers[peer].bytes.assumingMemoryBound(to: Int64.self)
        for i in result.indices { result[i] = merge(result[i], others[i]) }
      }
      return nil
    }
    _ = values.update(fromContentsOf: result)
  }

  /// Between the two meetings nothing throws: memory that another rank reads must stay.
  ///
  /// - Parameter take: copies from the offers, or says what does not fit.
  private func collective(
    _ offer: LocalMeeting.Offer, _ take: (UnsafeMutableBufferPointer<LocalMeeting.Offer>) -> String?
  ) throws {
    let offers = meeting.offers
    offers[rank] = offer
    try meeting.rendezvous.meet()
    var problem: String?
    if let other = (0..<size).first(where: { offers[$0].contract != offer.contract }) {
      problem = "rank \(rank) calls \(offer.contract), rank \(other) \(offers[other].contract)"
    } else {
      problem = take(offers)
    }
    try meeting.rendezvous.meet()
    if let problem { throw Failure(.internal, "the ranks' collectives do not match: \(problem)") }
  }
}
