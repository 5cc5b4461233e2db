import Foundation
import Testing

/// Sizes that no machine has are a line with what is needed, what is free and what to lower, from every command alike, before
/// anything is made.
@Suite(.serialized) struct SizeTests {
  private static let tiny = [
    "model.width=8", "data.train-count=40", "data.test-count=10", "data.size=16", "training.batch-size=16",
    "training.epochs=1", "attack.steps=1", "evaluation.attack.steps=1", "augmentation.crop=2",
  ]

  private func settings(_ more: String...) -> [String] { (Self.tiny + more).flatMap { ["--set", $0] } }

  private func expect(
    _ outcome: Program.Outcome, within start: ContinuousClock.Instant, _ words: String..., code: Int32 = 78
  ) {
    #expect(outcome.code == code, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.ownErrors.count == 1, "\(outcome.errors)")
    for word in words { #expect(outcome.ownErrors.first?.contains(word) == true, "\(word): \(outcome.errors)") }
    #expect(ContinuousClock.now - start < .seconds(120))
  }

  /// A terabyte and more each: activations, weights, images, matrices of counts.
  @Test(arguments: [
    (["training.batch-size=1000000", "data.train-count=1000000", "data.size=512"], "training.batch-size (1000000)"),
    (["model.width=1024", "model.classes=65536", "data.size=32"], "model.classes (65536)"),
    (["data.train-count=90000000", "data.size=128"], "data.train-count (90000000)"),
    (["model.classes=65536"], "model.classes (65536)"),
    (["evaluation.batch=1000000", "data.test-count=1000000", "data.size=256"], "evaluation.batch (1000000)"),
  ])
  func moreThanThereIs(changes: [String], advice: String) throws {
    let scene = Scene()
    let all = (Self.tiny + changes).flatMap { ["--set", $0] }
    for command in [["train", "--run", "run", "--quiet"], ["plan"]] {
      let start = ContinuousClock.now
      let outcome = try Program.run(command + all, in: scene.folder)
      expect(outcome, within: start, "of memory", "are free", "lower \(advice)")
    }
    #expect(scene.contents() == nil)
  }

  @Test func benchmarksNameTheirOptions() throws {
    let start = ContinuousClock.now
    expect(
      try Program.run("bench", "step", "--width", "1024", "--batch", "16", "--attack-steps", "1"), within: start,
      "are free: lower --width (1024)")
    expect(
      try Program.run("bench", "step", "--width", "8", "--batch", "1000000"), within: start,
      "are free: lower --batch (1000000)")
    expect(
      try Program.run("bench", "kernels", "--width", "8", "--batch", "1000000"), within: start,
      "are free: lower --batch (1000000)")
    expect(
      try Program.run("bench", "allreduce", "--floats", "900000000000"), within: start,
      "are free: lower --floats (900000000000)")
  }

  @Test func evaluationsAreHeldAgainstItToo() throws {
    let scene = Scene()
    #expect(try scene.train("data.name=synthetic").code == 0)
    // The checkpoint's own recipe asks for more images than fit.
    let state = try scene.checkpoints()[0].path(of: "state.json")
    var text = try String(contentsOfFile: state, encoding: .utf8)
    text = text.replacingOccurrences(of: "test-count: 10", with: "test-count: 99000000")
    try text.replacingOccurrences(of: "size: 16\\n", with: "size: 128\\n")
      .write(toFile: state, atomically: true, encoding: .utf8)
    try scene.redigest("state.json", of: try scene.checkpoints()[0])
    let start = ContinuousClock.now
    expect(
      try Program.run(["evaluate", "--checkpoint", "run"], in: scene.folder), within: start, "of memory",
      "are free: lower ")
  }

  /// Below a limit of address space; the last rank of the many that a node could have is one process too.
  @Test(arguments: [("model.width=512", "model.width (512)"), ("engine.threads=1000", "engine.threads (1000)")])
  func limitsOfTheProcess(change: String, advice: String) throws {
    let scene = Scene()
    let start = ContinuousClock.now
    let outcome = try Program.command(
      ["/bin/bash", "-c", "ulimit -v 16000000; exec \"$@\"", "-", Program.path, "train", "--run", "run", "--quiet"]
        + settings(change), in: scene.folder)
    expect(outcome, within: start, "rank 0 needs", "below its limit", "lower \(advice)")
    // The same below the same limit, but small.
    let small = try Program.command(
      ["/bin/bash", "-c", "ulimit -v 1000000; exec \"$@\"", "-", Program.path, "train", "--run", "run", "--quiet"]
        + settings("engine.threads=2"), in: scene.folder)
    #expect(small.code == 0, "\(small.errors)")
  }

  /// A block of an evaluation is no larger than what there is to judge.
  @Test func blocksBeyondTheImages() throws {
    let scene = Scene()
    let outcome = try Program.command(
      ["/bin/bash", "-c", "ulimit -v 1000000; exec \"$@\"", "-", Program.path]
        + Scene.training("evaluation.batch=1000000"), in: scene.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try scene.train("evaluation.batch=3", run: "three").code == 0)
    // The last result of both: the same numbers.
    let lines = try ["run", "three"].map { run in
      try String(contentsOfFile: scene.path("\(run)/classes.csv"), encoding: .utf8)
    }
    #expect(lines[0] == lines[1] && lines[0].contains("test"))
  }

  /// A header that promises more than the file has, or a file with holes for more than there is.
  @Test func filesThatClaimTooMuch() throws {
    let scene = Scene()
    func npy(_ name: String, shape: String, bytes: Int) throws {
      var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(shape)), }"
      header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
      let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      try FileManager.default.createDirectory(atPath: scene.path("own"), withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: scene.path("own/\(name).npy"), contents: Data(start)))
      #expect(truncate(scene.path("own/\(name).npy"), off_t(start.count + bytes)) == 0)
    }
    for part in ["train", "test"] {
      try npy("\(part)_images", shape: "8, 16, 16, 3", bytes: 8 * 768)
      try npy("\(part)_labels", shape: "8,", bytes: 8)
    }
    try "cat\ndog\n".write(toFile: scene.path("own/class_names.txt"), atomically: true, encoding: .utf8)
    let arguments = ["train", "--run", "run", "--quiet", "--data", "own"] + settings("data.limit-test=8")
    let start = ContinuousClock.now
    try npy("train_images", shape: "6148914691236517205, 16, 16, 3", bytes: 768)
    expect(try Program.run(arguments, in: scene.folder), within: start, "train_images.npy is cut short", code: 65)
    try npy("train_images", shape: "8, 3037000500, 3037000500, 3", bytes: 768)
    expect(try Program.run(arguments, in: scene.folder), within: start, "impossible shape", code: 65)
    try npy("train_images", shape: "5000000, 128, 128, 3", bytes: 5_000_000 * 49_152)
    try npy("train_labels", shape: "5000000,", bytes: 5_000_000)
    try npy("test_images", shape: "8, 128, 128, 3", bytes: 8 * 49_152)
    expect(
      try Program.run(arguments, in: scene.folder), within: start, "of memory", "lower data.limit-train",
      "5000008 images")
    try npy("train_images", shape: "100000001, 128, 128, 3", bytes: 100_000_001 * 49_152)
    expect(
      try Program.run(arguments, in: scene.folder), within: start, "100000001 images, at most 100000000", code: 65)
  }

  @Test(arguments: [
    ["evaluate", "--checkpoint", "x", "--batch", "9223372036854775807"],
    ["evaluate", "--checkpoint", "x", "--limit", "0"],
    ["evaluate", "--checkpoint", "x", "--threads", "1025"], ["bench", "step", "--batch", "9223372036854775807"],
    ["bench", "step", "--steps", "9223372036854775807"], ["bench", "kernels", "--width", "1025"],
    ["bench", "allreduce", "--shards", "9223372036854775807"], ["bench", "allreduce", "--step-seconds", "inf"],
    ["plan", "--ranks", "9223372036854775807"], ["plan", "--threads", "1025"], ["doctor", "--threads", "100000"],
    ["train", "--expect-ranks", "9223372036854775807"],
  ])
  func optionsHaveEndsToo(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(
      outcome.code == 64 && outcome.errors.contains("Error: \(arguments[arguments.count - 2]) takes "),
      "\(outcome.errors)")
  }
}
