import Foundation
import Testing

/// `evaluate --attack`: which attack, what it is told, what it says.
@Suite struct AttackChoiceTests {
  let scene = Scene()

  private func evaluate(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["evaluate", "--threads", "1", "--checkpoint", "run"] + arguments, in: scene.folder)
  }

  private func results(_ file: String) throws -> [String: Any] {
    let data = try #require(FileManager.default.contents(atPath: scene.path(file)))
    return try #require((try JSONSerialization.jsonObject(with: data) as? [[String: Any]])?.first)
  }

  @Test func whatWasWrongIsSaid() throws {
    #expect(try scene.train().code == 0)
    let cases = [
      (["--attack", "apdg-ce"], "--attack: evaluation.attack.name: 'apdg-ce' is not known; did you mean apgd-ce"),
      (["--attack", "square:steps=3"], "evaluation.attack.steps: only pgd has this key"),
      (["--attack", "square", "--steps", "3"], "--steps: evaluation.attack.steps: only pgd has this key"),
      (
        ["--attack", "square:queries=0"], "--attack: evaluation.attack.queries is '0'; allowed: a whole number in 1..."
      ),
      (["--attack", "square:queries"], "--attack square:queries: write NAME or NAME:KEY=VALUE"),
      (["--attack", "square:"], "--attack square:: write NAME or NAME:KEY=VALUE"),
      (["--attack", "square:name=pgd"], "write NAME or NAME:KEY=VALUE"),
      (["--attack", "square:querys=7"], "did you mean evaluation.attack.queries"),
      (["--attack", ""], "evaluation.attack.name is ''; allowed: a name"),
      (["--attack", "fab:norm=l1"], "--attack: evaluation.attack.norm is 'l1'; allowed: linf, l2"),
      (
        ["--attack", "pgd:step-size=1.5"],
        "--attack: evaluation.attack.step-size: 1.5 is no change of a pixel: within linf it is a number or fraction in 0...1"
      ),
    ]
    for (arguments, message) in cases {
      let outcome = try Program.run(
        ["evaluate", "--checkpoint", "run", "--json", "results.json"] + arguments, in: scene.folder)
      #expect([64, 78].contains(outcome.code), "\(arguments): \(outcome.code)")
      #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
      #expect(!FileManager.default.fileExists(atPath: scene.path("results.json")))
    }
  }

  /// What each attack leaves of the images, in its order, never more than before.
  @Test(arguments: [
    ("fgsm", "FGSM", ["fgsm"]), ("pgd:steps=3,loss=margin", "PGD-3, margin", ["pgd"]),
    ("apgd-ce:iterations=4,restarts=2", "APGD-CE-4x2", ["apgd-ce"]),
    ("apgd-dlr:iterations=4", "APGD-DLR-4", ["apgd-dlr"]),
    ("apgd-t:iterations=3,targets=2", "APGD-T-3, 2 targets", ["apgd-t"]), ("fab-t:iterations=2", "FAB-T-2", ["fab-t"]),
    ("square:queries=9", "Square-9", ["square"]), ("fab:iterations=2,restarts=2", "FAB-2x2", ["fab"]),
  ])
  func stages(attack: String, title: String, names: [String]) throws {
    #expect(try scene.train().code == 0)
    let outcome = try evaluate("--attack", attack, "--json", "results.json", "--limit", "8")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(", \(title), 8 examples"), "\(outcome.output)")
    let results = try results("results.json")
    let stages = try #require(results["stages"] as? [[String: Any]])
    #expect(results["attack"] as? String == title && stages.map { $0["attack"] as? String } == names)
    for stage in stages {
      let byClass = try #require(stage["class_robust_count"] as? [Int])
      #expect(stage["count"] as? Int == 8 && stage["seconds"] is Double)
      #expect(byClass.reduce(0, +) == stage["robust_count"] as? Int && byClass.count == 10)
    }
    let robust = try #require(results["robust_accuracy"] as? Double)
    #expect(stages.last?["robust_count"] as? Int == Int((8 * robust).rounded()))
    #expect(robust <= (try #require(results["clean_accuracy"] as? Double)))
  }

  /// In the L2 ball: the norm is said, what is found lies inside, and is judged again within it.
  @Test func inL2() throws {
    #expect(try scene.train("training.epochs=4").code == 0)
    for (attack, title) in [
      ("fgsm:norm=l2", "FGSM, L2"), ("apgd-ce:iterations=5,norm=l2", "APGD-CE-5, L2"),
      ("fab-t:iterations=3,targets=2", "FAB-T-3, 2 targets, L2"), ("square:queries=5", "Square-5, L2"),
      ("pgd:steps=4,step-size=0.3", "PGD-4, L2"),
    ] {
      let norm = attack.contains("norm") ? [] : ["--norm", "l2"]
      let found = try Program.run(
        [
          "evaluate", "--threads", "1", "--checkpoint", "run", "--attack", attack, "--epsilon", "1.5", "--json",
          "found.json", "--save-adversaries", "adversaries.npy",
        ] + norm, in: scene.folder)
      #expect(found.code == 0 && found.output.contains(", \(title), "), "\(found.output) \(found.errors)")
      let first = try results("found.json")
      #expect(first["norm"] as? String == "l2" && first["attack"] as? String == title)
      let again = try evaluate(
        "--adversaries", "adversaries.npy", "--norm", "l2", "--epsilon", "1.5", "--json", "again.json")
      #expect(again.code == 0, "\(again.errors)")
      #expect(try results("again.json")["confusion"] as? [[Int]] == first["confusion"] as? [[Int]], "\(attack)")
    }
    let narrow = try evaluate("--adversaries", "adversaries.npy", "--norm", "l2", "--epsilon", "0.1")
    #expect(narrow.code == 65 && narrow.errors.contains("in L2 away, epsilon is 0.1 in L2"), "\(narrow.errors)")
    let short = try evaluate("--attack", "pgd:steps=2,step-size=0.1", "--norm", "l2", "--epsilon", "0.5")
    #expect(short.output.contains("2 x 0.1 in L2 = 0.2 in L2, less than epsilon 0.5 in L2"), "\(short.output)")
    let linf = try evaluate("--attack", "fgsm", "--json", "linf.json")
    let unsaid = try results("linf.json")
    #expect(linf.code == 0 && unsaid["norm"] == nil)
  }

  /// Row by row what the JSON says in sum.
  @Test func whatBecameOfEachImage() throws {
    #expect(try scene.train("training.epochs=4").code == 0)
    let outcome = try evaluate(
      "--attack", "pgd:steps=4,step-size=4/255", "--epsilon", "16/255", "--json", "results.json", "--outcomes",
      "rows.npy")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let results = try results("results.json")
    let file = try #require(FileManager.default.contents(atPath: scene.path("rows.npy")))
    #expect(String(decoding: file.dropFirst(10).prefix(50), as: UTF8.self).contains("'<u2', 'fortran_order': False"))
    let numbers = file.suffix(10 * 4 * 2).chunked(2).map { Int($0[0]) | Int($0[1]) << 8 }
    let rows = numbers.chunked(4)
    let confusion = try #require(results["confusion"] as? [[Int]])
    let clean = try #require(results["clean_confusion"] as? [[Int]])
    for label in 0..<10 {
      for prediction in 0..<10 {
        #expect(clean[label][prediction] == rows.count { $0[0] == label && $0[1] == prediction })
        #expect(confusion[label][prediction] == rows.count { $0[0] == label && $0[2] == prediction })
      }
    }
    #expect(rows.allSatisfy { $0[3] == ($0[0] == $0[2] ? 0 : 1) })
  }

  /// Adversaries judged again come to the same; those of elsewhere are refused.
  @Test func adversariesAreJudgedAgain() throws {
    #expect(try scene.train("training.epochs=4").code == 0)
    for (attack, block) in [("pgd:steps=4,step-size=4/255", "3"), ("apgd-ce:iterations=5", "128")] {
      let found = try evaluate(
        "--attack", attack, "--epsilon", "16/255", "--json", "found.json", "--save-adversaries", "adversaries.npy",
        "--batch",
        block)
      #expect(found.code == 0, "\(found.errors)")
      let again = try evaluate("--adversaries", "adversaries.npy", "--epsilon", "16/255", "--json", "again.json")
      #expect(again.code == 0, "\(again.errors)")
      let (first, second) = (try results("found.json"), try results("again.json"))
      for key in ["confusion", "clean_confusion"] {
        #expect(first[key] as? [[Int]] == second[key] as? [[Int]], "\(attack)")
      }
      #expect(second["attack"] as? String == "adversaries of adversaries.npy")
    }
    let narrow = try evaluate("--adversaries", "adversaries.npy", "--epsilon", "1/255")
    #expect(narrow.code == 65 && narrow.errors.contains("lie outside the ball"), "\(narrow.errors)")
    try OwnData().write("own", scene)
    let bytes = try evaluate("--adversaries", "own/test_images.npy")
    #expect(bytes.code == 65 && bytes.errors.contains("own/test_images.npy"), "\(bytes.errors)")
    let both = try evaluate("--adversaries", "adversaries.npy", "--attack", "pgd")
    #expect(both.code == 64 && both.errors.contains("takes the place of an attack"))
    let pipe = try evaluate("--save-adversaries", "-")
    #expect(pipe.code == 73 && pipe.errors.contains("takes a regular file"), "\(pipe.errors)")
  }

  /// The attack of a recipe's tests, in the training and after it.
  @Test func aRecipeMayNameIt() throws {
    let arguments = Scene.training("evaluation.attack.name=square", "evaluation.attack.queries=5").map {
      // What PGD alone can be told.
      $0 == "evaluation.attack.steps=1" ? "training.log-every=10" : $0
    }
    let trained = try Program.run(arguments, in: scene.folder)
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.output.contains("Square-5"))
    let outcome = try evaluate("--json", "results.json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try results("results.json")["attack"] as? String == "Square-5")
    // Another attack lets go of what the recipe told that one.
    let other = try evaluate("--attack", "fgsm")
    #expect(other.code == 0 && other.output.contains("FGSM"), "\(other.errors)")
  }
}

extension Collection {
  /// The elements, so many at a time.
  fileprivate func chunked(_ size: Int) -> [[Element]] {
    let all = Array(self)
    return stride(from: 0, to: all.count, by: size).map { Array(all[$0..<Swift.min(all.count, $0 + size)]) }
  }
}
