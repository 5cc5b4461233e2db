// Facts as they are told on a command line, and as launches tell them together.

import Failures
import Scaling
import Testing

private let here = NodeFacts(cores: 2, bandwidth: 20e9, coreBandwidth: 15e9, cache: 32e6)

@Suite struct FactListTests {
  @Test func unitsAndPlaces() throws {
    let facts = try here.replacing(
      node: "cores=64,bandwidth=450GB/s,core-bandwidth=14GB/s,cache=256MiB,loop=3us,latency=800ns",
      network: "latency=2us,bandwidth=100Gbit/s")
    #expect(facts.cores == 64 && facts.bandwidth == 450e9 && facts.coreBandwidth == 14e9)
    #expect(facts.cache == 256 * 0x1p20 && abs(facts.loop - 3e-6) < 1e-18 && abs(facts.localLatency - 8e-7) < 1e-18)
    #expect(abs(facts.latency - 2e-6) < 1e-18 && facts.networkBandwidth == 12.5e9)
  }

  /// Other cores of the same kind bring their share with them.
  @Test func moreCoresAlone() throws {
    let facts = try here.replacing(node: "cores=64", network: nil)
    #expect(facts.bandwidth == 640e9 && facts.coreBandwidth == 15e9 && facts.cache == 1024e6)
    #expect(try here.replacing(node: nil, network: nil) == here)
  }

  @Test(arguments: [
    ("cores=64,bandwidth=450", "bandwidth is '450'"), ("cores=0", "cores is '0'"), ("cores=1.5", "cores is '1.5'"),
    ("bandwidth=-1GB/s", "bandwidth is '-1GB/s'"), ("cpus=4", "'cpus=4' is none"), ("", "'' is none"),
    ("cores=4,cores=8", "has cores twice"), ("cores", "'cores' is none"), ("latency=1h", "latency is '1h'"),
    ("cores=99999999999999999999", "cores is"), ("bandwidth=1e400GB/s", "bandwidth is"), ("loop=11s", "loop is '11s'"),
  ])
  func refuses(text: String, part: String) {
    let failure = #expect(throws: Failure.self) { try here.replacing(node: text, network: nil) }
    #expect(failure?.code == .usage && failure?.message.contains(part) == true, "\(failure?.message ?? "")")
  }
}

@Suite struct PassTimesTests {
  /// The middle of 1, 9 and 2 is 2; of two the lower counts; what one has not timed is left out.
  @Test func together() throws {
    func times(_ seconds: [Int: Double], _ bandwidth: Double) -> PassTimes {
      PassTimes(seconds.map { PassTimes.Point(images: $0, seconds: $1) }, bandwidth: bandwidth, cache: 5)
    }
    let three = try #require(
      PassTimes(together: [times([1: 1, 4: 3], 7), times([1: 9, 2: 1, 4: 4], 8), times([1: 2, 4: 5], 6)]))
    #expect(three.points == [PassTimes.Point(images: 1, seconds: 2), PassTimes.Point(images: 4, seconds: 4)])
    #expect(three.bandwidth == 7 && three.cache == 5)
    #expect(PassTimes(together: [times([1: 3], 1), times([1: 2], 1)])?.points.first?.seconds == 2)
    #expect(PassTimes(together: []) == nil && PassTimes(together: [times([1: 3], 1), times([2: 2], 1)]) == nil)
  }
}

@Suite struct MachineReadingTests {
  private static func reading(
    _ bandwidth: Double, _ coreBandwidth: Double, loop: Double? = nil, small: Double? = nil, long: Double? = nil
  ) -> MachineReading {
    MachineReading(
      cores: 4, bandwidth: bandwidth, coreBandwidth: coreBandwidth, cache: 1e6, loop: loop, smallSum: small,
      longSum: long, floats: 1000, times: PassTimes([PassTimes.Point(images: 1, seconds: 1)], bandwidth: 1, cache: 0))
  }

  /// One node: 3 us for two doublings of ranks are 1.5 us each; four threads in 4 us, 2 us a doubling. Four nodes of one rank: 8 us for
  /// two doublings are 4 us. Of 1000 Floats four ranks send 8 kB, three quarters of it away: 6 kB in what is left of 0.7 ms.
  @Test func together() throws {
    let readings: [(RankLayout, MachineReading)] = [
      (RankLayout(ranks: 1, threads: 1), Self.reading(2e9, 2e9)),
      (RankLayout(ranks: 1, threads: 4), Self.reading(4e9, 1.5e9, loop: 4e-6)),
      (RankLayout(ranks: 4, threads: 1), Self.reading(3e9, 1e9, small: 3e-6, long: 1)),
      // Eight threads on four cores: how long they wait says nothing of the network.
      (RankLayout(ranks: 8, threads: 1), Self.reading(3e9, 1e9, small: 9, long: 9)),
      (RankLayout(ranks: 4, threads: 1, nodes: 4), Self.reading(1e9, 1e9, small: 8e-6, long: 0.7e-3)),
    ]
    let facts = try #require(NodeFacts(readings))
    #expect(facts.cores == 4 && facts.bandwidth == 4e9 && facts.coreBandwidth == 2e9)
    #expect(abs(facts.loop - 2e-6) < 1e-15 && abs(facts.localLatency - 1.5e-6) < 1e-15)
    #expect(abs(facts.latency - 4e-6) < 1e-15)
    let left: Double = 0.7e-3 - 24e-6 - 16e3 / 4e9
    #expect(abs(facts.networkBandwidth / (6e3 / left) - 1) < 1e-9)
    #expect(NodeFacts([]) == nil)
  }
}
