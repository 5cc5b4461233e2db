// The files of a run that are read by others than who wrote them, and how they are read.

import Checkpoints
import Communication
import Failures
import Fairness
import Foundation
import Mutation
import Recipes
import Reports
import Training

/// A file to be damaged, and its reader.
struct Subject {
  private let original: [UInt8]
  /// How many bytes of it are damaged; those after are data.
  private let damaged: Int
  /// Where the damaged file lies.
  private let place: String
  /// Reads it; false where it is refused with a line. All other errors are faults of the reader.
  private let read: () throws -> Bool

  /// - Parameter damaged: all of it where nothing is said.
  init(_ original: [UInt8], damaged: Int? = nil, at place: String, _ read: @escaping () throws -> Bool) {
    self.original = original
    self.damaged = damaged ?? original.count
    self.place = place
    self.read = read
  }

  /// Whether the file is believed after a mutation.
  func reads(_ mutator: Mutator, _ number: Int) throws -> Bool {
    var bytes = mutator.mutated(Array(original[..<damaged]), number: number)
    // Half of the damaged headers of safetensors get a length that fits.
    if damaged < original.count && number % 2 == 0 && bytes.count > 8 {
      bytes.replaceSubrange(..<8, with: withUnsafeBytes(of: UInt64(bytes.count - 8).littleEndian, Array.init))
    }
    try Data(bytes + original[damaged...]).write(to: URL(fileURLWithPath: place))
    do {
      return try read()
    } catch is Failure {
      return false
    }
  }

  static func named(_ kind: String, run: String, scratch: String) throws -> Subject {
    if let results = try results(kind, scratch: scratch) { return results }
    let copy = scratch + "/run"
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: run, toPath: copy)
    let directory = RunDirectory(copy)
    func subject(_ place: String, damaged: Int? = nil, _ read: @escaping () throws -> Bool) throws -> Subject {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: place)))
      return Subject(bytes, damaged: damaged, at: place, read)
    }
    switch kind {
    // What is not damaged is short, for speed.
    case "metrics":
      let recipe = "training:\n  epochs: 2\n  seed: 0\nmethod:\n  name: fairtat\n"
      try recipe.write(toFile: directory.recipe, atomically: false, encoding: .utf8)
      return try subject(directory.metrics, try page(of: directory, beside: run))
    case "environment":
      try shorten(directory.metrics)
      return try subject(directory.environment, try page(of: directory, beside: run))
    case "recipe":
      try shorten(directory.metrics)
      let page = try page(of: directory, beside: run)
      return try subject(directory.recipe) {
        let isBelieved = try page()
        _ = try RecipeLibrary(folders: []).load(directory.recipe)
        return isBelieved
      }
    case "state":
      let checkpoint = try checkpoint(copy)
      return try subject(checkpoint.path(of: "state.json")) {
        var header = try CheckpointContent.header(checkpoint)
        Self.use(&header.fairness)
        return true
      }
    case "safetensors":
      let checkpoint = try checkpoint(copy)
      let path = checkpoint.path(of: "model.safetensors")
      let header = Array(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8)).reversed()
      let length = header.reduce(0) { $0 << 8 | Int($1) }
      let recipe = try RecipeLibrary(folders: []).load(directory.recipe).recipe
      let run = try Run(recipe: recipe, communicator: SoloCommunicator(), threads: 1, trains: false)
      let model = run.initialState().model
      return try subject(path, damaged: 8 + length) {
        let file = try SafetensorsFile(path)
        for index in file.outlines.indices { _ = try file.bytes(at: index) }
        try CheckpointContent.read("model", of: checkpoint, into: model)
        return true
      }
    default: throw Failure(.usage, "no kind of file is called \(kind)")
    }
  }

  /// Leaves the last line of a file.
  private static func shorten(_ file: String) throws {
    let last = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").suffix(1).joined()
    try "\(last)\n".write(toFile: file, atomically: false, encoding: .utf8)
  }

  private static func checkpoint(_ run: String) throws -> Checkpoint {
    guard let checkpoint = try CheckpointStore.locate(run).checkpoint else {
      throw Failure(.badData, "\(run) has no whole checkpoint")
    }
    return checkpoint
  }

  /// The pages and tables that are made of a run's files, whole or not.
  private static func page(of directory: RunDirectory, beside run: String) throws -> () throws -> Bool {
    let whole = try RunRecord(directory: run)
    return {
      let record = try RunRecord(directory: directory.path)
      _ = RunPage(record).html
      if record.obstacle == nil {
        let comparison = Comparison([whole, record])
        _ = (comparison.csv, comparison.text(colour: false), ComparisonPage(comparison).html)
      }
      return record.damage == nil
    }
  }

  /// What training does with the state of fairness.
  private static func use(_ state: inout FairnessState) {
    let policies: [any FairnessPolicy] = FairnessOptions().policies
    state.add(state.epochCounts)
    for label in 0..<state.prior.classCount { _ = state.prior.draw(label: label, uniform: 0.999) }
    _ = state.endEpoch(policies)
    _ = (state.words, state.settings.margins255, state.prior.entropy)
  }
}
