import Checkpoints
import Failures
import Testing

/// The names of a network under what other programs put before them.
@Suite struct StateDictTests {
  let scratch = Scratch()

  private func dictionary(_ names: [String], constants: [(String, [Int], [Float])] = []) throws -> StateDict {
    let entries = names.map { TensorEntry($0, shape: [2], values: [1, 2] as [Float]) }
    let path = scratch.file("a.safetensors")
    try SafetensorsFile.write(
      entries + constants.map { TensorEntry($0.0, shape: $0.1, values: $0.2) }, to: path)
    return try StateDict(path)
  }

  @Test(arguments: ["", "module.", "1.", "model.", "module.model.", "module.1.", "net.", "_orig_mod.module."])
  func wrappersAreTakenOff(prefix: String) throws {
    let names = ["conv1.weight", "layer1.0.conv1.weight", "layer2.0.shortcut.0.weight", "linear.bias"]
    let weights = try dictionary(names.map { prefix + $0 })
    #expect(weights.tensors.map(\.name) == names)
    #expect(try weights.floats("layer1.0.conv1.weight") == [1, 2])
    #expect(weights["conv1.weight"]?.shape == [2] && weights["fc"] == nil)
    #expect(weights.normalisation == nil)
  }

  @Test(arguments: [
    ("mu", "sigma", [1, 3, 1, 1]), ("mean", "std", [3]), ("module.mu", "module.sigma", [3, 1, 1]),
    ("0.mean", "0.std", [3]), ("module.0.mean", "module.0.std", [1, 3, 1, 1]), ("normalize.mean", "normalize.std", [3]),
  ])
  func constantsAmongTheTensors(mean: String, deviation: String, shape: [Int]) throws {
    let weights = try dictionary(
      ["1.conv1.weight"], constants: [(mean, shape, [0.1, 0.2, 0.3]), (deviation, shape, [0.4, 0.5, 0.6])])
    #expect(weights.normalisation?.mean == [0.1, 0.2, 0.3] && weights.normalisation?.deviation == [0.4, 0.5, 0.6])
    #expect(weights.tensors.map(\.name) == ["conv1.weight"])
  }

  /// XCiT's authors have what timm names apart in one tensor.
  @Test func fusedTensorsAreToldApart() throws {
    let path = scratch.file("fused.safetensors")
    let rows: [Float] = (0..<12).map(Float.init)
    try SafetensorsFile.write(
      [
        TensorEntry("pos_embeder.token_projection.bias", shape: [2], values: [5, 6] as [Float]),
        TensorEntry("cls_attn_blocks.1.attn.qkv.weight", shape: [6, 2], values: rows),
        TensorEntry("cls_attn_blocks.1.attn.qkv.bias", shape: [3], values: [7, 8, 9] as [Float]),
        TensorEntry("blocks.0.attn.qkv.bias", shape: [3], values: [1, 2, 3] as [Float]),
      ], to: path)
    let weights = try StateDict(path)
    let blocks = ["q", "k", "v"].map { "cls_attn_blocks.1.attn.\($0)" }
    #expect(
      weights.tensors.map(\.name) == ["pos_embed.token_projection.bias"] + blocks.map { "\($0).weight" }
        + blocks.map { "\($0).bias" } + ["blocks.0.attn.qkv.bias"])
    for (i, block) in blocks.enumerated() {
      #expect(weights["\(block).weight"]?.shape == [2, 2] && weights["\(block).bias"]?.shape == [1])
      #expect(try weights.floats("\(block).weight") == Array(rows[4 * i..<4 * i + 4]))
      #expect(try weights.floats("\(block).bias") == [Float(7 + i)])
    }
    #expect(try weights.floats("blocks.0.attn.qkv.bias") == [1, 2, 3])
  }

  @Test func contradictionsAreNamed() throws {
    func message(_ names: [String], _ constants: [(String, [Int], [Float])] = []) throws -> String {
      do {
        _ = try dictionary(names, constants: constants)
        return "read"
      } catch let failure as Failure {
        #expect(failure.code == .badData)
        return failure.message
      }
    }
    #expect(try message(["conv1.weight", "module.conv1.weight"]).contains("which are the same tensor"))
    #expect(try message(["a"], [("mu", [3], [0, 0, 0])]).contains("has mu, but not the other constant"))
    #expect(try message(["a"], [("mu", [3], [0, 0, 0]), ("0.mean", [3], [0, 0, 0])]).contains("mu and 0.mean"))
    // Not three numbers: a tensor like others.
    #expect(try dictionary(["a"], constants: [("mu", [2], [0, 0])]).tensors.map(\.name).sorted() == ["a", "mu"])
    #expect(try dictionary(["module.n_averaged", "module.a"]).tensors.map(\.name) == ["a"])
  }
}
