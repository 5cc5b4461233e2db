import Communication
import Failures
import Resources
import Tensors
import Testing

private let gibibyte = 1 << 30

/// Need against what is free, with figures worked by hand.
@Suite struct MemoryCheckTests {
  private static let names = MemoryNames([
    .network: "model.width (64)", .batch: "training.batch-size (256)", .evaluationBlock: "evaluation.batch (100)",
    .images: "data.limit-train",
  ])

  /// A rank that needs so many GiB, most of it for a batch of 32.
  private static func rank(
    _ need: Int, on host: String = "a", free: Int? = nil, below limit: Int? = nil, threads: Int = 1
  ) -> MemoryCheck {
    MemoryCheck(
      [
        MemoryPart(.network, Amount(gibibyte / 4)), MemoryPart(.images, Amount(gibibyte / 8)),
        MemoryPart(.batch, Amount(need * gibibyte - gibibyte / 2), items: 32),
        MemoryPart(.program, Amount(gibibyte / 8)),
      ], threads: threads, host: host,
      free: FreeMemory(host: free.map { $0 * gibibyte }, process: limit.map { $0 * gibibyte }))
  }

  private static func failure(_ ranks: [MemoryCheck]) -> Failure? {
    do {
      _ = try MemoryCheck.compare(ranks, names)
      return nil
    } catch {
      return error as? Failure
    }
  }

  @Test func ranksOfAHostShareIt() throws {
    #expect(try MemoryCheck.compare([Self.rank(3, free: 8), Self.rank(3, free: 8)], Self.names) == nil)
    let failure = try #require(Self.failure([Self.rank(3, free: 6), Self.rank(3, free: 5)]))
    #expect(failure.code == .configuration)
    #expect(
      failure.message
        == "this needs 6.0 GiB of memory for 2 ranks on a, where 5.0 GiB are free: lower training.batch-size (256), or start "
        + "fewer ranks a host")
    #expect(try MemoryCheck.compare([Self.rank(3, free: 5), Self.rank(3, on: "b", free: 5)], Self.names) == nil)
    #expect(Self.failure([Self.rank(1, free: 5), Self.rank(7, on: "b", free: 5)])?.message.contains("on b,") == true)
  }

  @Test func whatIsUnknownRefusesNothing() throws {
    #expect(try MemoryCheck.compare([Self.rank(1000)], Self.names) == nil)
  }

  /// Nine tenths of what is free are used without a word.
  @Test func tightIsAWarning() throws {
    let line = try MemoryCheck.compare([Self.rank(19, free: 20)], Self.names)
    #expect(line?.hasPrefix("warning: this needs 19.0 GiB of memory on a, where 20.0 GiB are free") == true)
    #expect(try MemoryCheck.compare([Self.rank(18, free: 20)], Self.names) == nil)
  }

  /// Without the program, which is there already, but with what a thread reserves.
  @Test func limitsAreOfOneProcess() throws {
    #expect(
      try MemoryCheck.compare([Self.rank(3, free: 8, below: 4), Self.rank(3, free: 8, below: 4)], Self.names) == nil)
    let failure = try #require(Self.failure([Self.rank(3, free: 8), Self.rank(3, free: 8, below: 2)]))
    #expect(
      failure.message.hasPrefix(
        "rank 1 needs 2.9 GiB more memory, and 2.0 GiB are left below its limit (ulimit -v or -d)"))
    // 17 threads reserve 72 MiB each.
    #expect(Self.failure([Self.rank(3, below: 4, threads: 17)]) != nil)
  }

  /// Fewer images are no cure where one is too much.
  @Test func oneImageTooLarge() throws {
    let part = MemoryPart(.batch, Amount(64 * gibibyte), items: 8)
    let check = { (free: Int) in
      MemoryCheck([part], threads: 1, host: "a", free: FreeMemory(host: free * gibibyte, process: nil))
    }
    #expect(Self.failure([check(7)])?.message.hasSuffix("lower model.width (64) or the size of the images") == true)
    #expect(Self.failure([check(9)])?.message.hasSuffix("lower training.batch-size (256)") == true)
  }

  @Test func whatCannotBeCountedDoesNotFit() throws {
    let huge = Amount(.max) + 1
    let check = MemoryCheck(
      [MemoryPart(.images, huge), MemoryPart(.batch, huge)], threads: 2, host: "a",
      free: FreeMemory(host: 1 << 50, process: 1 << 60))
    #expect(Self.failure([check])?.code == .configuration)
  }

  @Test func bytesAsText() {
    #expect(byteText(0) == "0.0 MiB" && byteText(1_572_864) == "1.5 MiB" && byteText(1 << 30) == "1.0 GiB")
    #expect(byteText(3 << 40) == "3.0 TiB" && byteText(.max) == "8388608.0 TiB")
  }
}
