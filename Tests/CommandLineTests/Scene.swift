import Checkpoints
import Foundation

/// A folder for one test, deleted with the object, and what bad input is made of.
final class Scene {
  let folder: String

  init() {
    folder = NSTemporaryDirectory() + "input-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// A training that takes a tenth of a second, into `run`: 10 validation and 40 training images, three steps an epoch.
  static func training(_ more: String..., run: String = "run") -> [String] {
    let settings = [
      "model.width=8", "data.train-count=50", "data.test-count=10", "data.size=16", "training.batch-size=16",
      "training.epochs=1", "attack.steps=1", "evaluation.attack.steps=1", "augmentation.crop=2", "engine.threads=1",
    ]
    return ["train", "--run", run] + (settings + more.filter { !$0.hasPrefix("--") }).flatMap { ["--set", $0] }
      + more.filter { $0.hasPrefix("--") }.flatMap { $0.split(separator: " ").map(String.init) }
  }

  func train(_ more: String..., run: String = "run") throws -> Program.Outcome {
    let tail = more.filter { $0.hasPrefix("--") }.flatMap { $0.split(separator: " ").map(String.init) }
    let settings = more.filter { !$0.hasPrefix("--") }.flatMap { ["--set", $0] }
    return try Program.run(Self.training(run: run) + settings + tail, in: folder)
  }

  /// Starts a training of many epochs into `run`, which whoever calls this ends; it has the lock and a first checkpoint.
  func startTraining() throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = Self.training("training.epochs=100000", "--quiet")
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    try process.run()
    // Not asleep as a task: it would wake after all other tests have begun, and the training takes a core meanwhile.
    for _ in 0..<2400 where try checkpoints().isEmpty { usleep(50_000) }
    return process
  }

  /// The binary version of CIFAR-10 in `data`, of so few records, and then whatever a test does to it.
  func writeCIFAR(records: Int = 20, label: UInt8 = 3, extra: Int = 0) throws {
    let home = path("data/cifar-10-batches-bin")
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
      var bytes: [UInt8] = []
      for record in 0..<records {
        bytes.append(record + 1 == records ? label : UInt8(record % 10))
        bytes += (0..<3072).map { UInt8(truncatingIfNeeded: ($0 * 7 + record * 31) % 251) }
      }
      bytes += [UInt8](repeating: 0, count: extra)
      try Data(bytes).write(to: URL(fileURLWithPath: "\(home)/\(name)"))
    }
  }

  /// Whole checkpoints of a run, by step.
  func checkpoints(_ run: String = "run") throws -> [Checkpoint] { try RunDirectory(path(run)).store.list() }

  /// Changes one byte in the middle of a file.
  func damage(_ file: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes[bytes.count / 2] ^= 0x55
    try bytes.write(to: URL(fileURLWithPath: file))
  }

  /// Writes the digest of a changed file into the mark of its checkpoint, as whoever changes it on purpose would.
  func redigest(_ name: String, of checkpoint: Checkpoint) throws {
    let mark = checkpoint.path(of: "DONE")
    let digest = try Program.command(["sha256sum", checkpoint.path(of: name)]).output.prefix(64)
    let lines = try String(contentsOfFile: mark, encoding: .utf8).components(separatedBy: "\n")
    try lines.map { $0.hasSuffix("  \(name)") ? String(digest + $0.dropFirst(64)) : $0 }.joined(separator: "\n")
      .write(toFile: mark, atomically: true, encoding: .utf8)
  }

  /// The results that `evaluate --json` wrote into a file, without what another run takes another time for.
  func results(_ name: String) -> String? {
    guard let data = FileManager.default.contents(atPath: name.hasPrefix("/") ? name : path(name)) else { return nil }
    return String(decoding: data, as: UTF8.self).replacing(/"seconds" : [0-9.e-]+/, with: "")
  }

  /// Everything in a folder, as paths relative to it, sorted; nil where there is no such folder.
  func contents(_ name: String = "run") -> [String]? {
    try? FileManager.default.subpathsOfDirectory(atPath: path(name)).sorted()
  }

  /// What a run that was killed or failed must not leave: locks, and anything under a temporary name.
  func leftovers(_ name: String = "run") -> [String] {
    (contents(name) ?? []).filter { path in
      let last = path.split(separator: "/").last ?? ""
      return last == "lock" || last.hasPrefix(".")
    }
  }
}
