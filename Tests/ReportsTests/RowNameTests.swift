// Rows are called by what differs between them.

import Foundation
import Reports
import Testing

@Suite struct RowNameTests {
  private func run(
    path: String = "a", seed: Int = 0, _ sections: [String: [String: String]], data: String? = nil
  ) -> RunRecord {
    var all = ["training": ["epochs": "1", "seed": "\(seed)"], "method": ["name": "fairtat"]]
    for (section, keys) in sections { all[section, default: [:]].merge(keys) { $1 } }
    let recipe = all.map { section, keys in
      "\(section):\n" + keys.map { "  \($0): \($1)\n" }.joined()
    }.joined()
    let digest = data.map { ",\"dataDigest\":\"\($0)\"" } ?? ""
    return RunRecord(
      path: path, metrics: MadeUpRun.epoch(0, test: "{\"raw\":\(MadeUpRun.result(0.5, 0.5, 0.25, 0.125))}"),
      recipe: recipe, environment: "{\"recipe\":\"own\"\(digest)}")
  }

  private func names(_ runs: [RunRecord]) -> [String] { Comparison(runs).groups.map(\.name) }

  @Test func byTheKeysThatDiffer() {
    let runs = ["0.1", "0.9"].map { run(["fairness": ["lambda": $0], "attack": ["steps": "7"]]) }
    #expect(names(runs) == ["fairtat, fairness.lambda 0.1", "fairtat, fairness.lambda 0.9"])
    // In the order of recipes, with the method in front.
    let wide = run(["fairness": ["lambda": "0.9"], "model": ["width": "32"], "method": ["name": "at"]])
    #expect(
      names([runs[0], wide]) == [
        "fairtat, model.width 64, attack.steps 7, fairness.lambda 0.1",
        "at, model.width 32, attack.steps 10, fairness.lambda 0.9",
      ])
    #expect(names([run(["fairness": ["lambda": "0.1"]])]) == ["own"])
  }

  @Test func oneNumberHasOneMeaning() {
    let spellings = ["8/255", "16/510", "\(8.0 / 255)"].enumerated().map { seed, epsilon in
      run(seed: seed, ["attack": ["epsilon": epsilon], "training": ["milestones": seed == 0 ? "[1/2]" : "[ 0.5 ]"]])
    }
    #expect(names(spellings) == ["own"])
    // What a recipe does not say has its default: 8/255.
    #expect(names([spellings[0], run(seed: 7, ["training": ["milestones": "[2/4]"]])]) == ["own"])
  }

  @Test func whatChangesNoResultSplitsNothing() {
    let runs = [
      run(seed: 1, ["engine": ["threads": "1"]]),
      run(seed: 2, ["engine": ["threads": "9"], "checkpoint": ["keep": "5"]]),
      run(seed: 3, ["training": ["log-every": "3"]]),
    ]
    #expect(names(runs) == ["own"])
  }

  @Test func ofManyDifferencesTheFewestThatTellApart() {
    let keys = ["width": "8", "lambda": "0.3", "steps": "3", "epsilon": "4/255", "decay": "0.5"]
    func one(_ width: String, _ others: Bool) -> RunRecord {
      run([
        "model": ["width": width], "fairness": others ? ["lambda": "0.3"] : [:],
        "attack": others ? ["steps": "3", "epsilon": "4/255"] : [:], "training": others ? ["decay": "0.5"] : [:],
      ])
    }
    let comparison = Comparison([one("8", true), one("16", false), one("32", false)])
    #expect(
      comparison.groups.map(\.name) == ["fairtat, model.width 8", "fairtat, model.width 16", "fairtat, model.width 32"])
    // The page tells all of them.
    let page = ComparisonPage(comparison).html
    for key in ["model.width", "fairness.lambda", "attack.steps", "attack.epsilon", "training.decay"] {
      #expect(page.contains("<th class=\"text\">\(key)</th>"), "\(key)")
    }
    #expect(comparison.differences.count == keys.count)
  }

  @Test func otherDataIsAnotherRowWhereItIsKnown() {
    let place = ["data": ["path": "/data"]]
    let runs = [run(seed: 1, place, data: "aaaaaaaaaa"), run(seed: 2, place, data: "bbbbbbbbbb")]
    #expect(names(runs) == ["fairtat, data aaaaaaaa", "fairtat, data bbbbbbbb"])
    #expect(names([runs[0], run(seed: 3, place)]) == ["own"])
    // The built-in images are made from the seed.
    #expect(names([run(seed: 1, [:], data: "aaaaaaaaaa"), run(seed: 2, [:], data: "bbbbbbbbbb")]) == ["own"])
  }

  @Test func aRunWhoseRecipeChangedIsAnotherRow() {
    let recipe = "training:\n  epochs: 1\n  seed: 0\nmethod:\n  name: at\n"
    func run(_ path: String, _ lives: [(step: Int, rate: String)]) -> RunRecord {
      let lines = lives.map {
        """
        {"event":"rewound","position":{"epoch":0,"step":\($0.step)},"changes":[{"path":"training.learning-rate",\
        "before":"0.1","after":"\($0.rate)"}],"time":"2026-01-01T00:00:00Z"}

        """
      }
      return RunRecord(path: path, metrics: MadeUpRun.epoch(0), recipe: recipe, lives: "{}\nno\n" + lines.joined())
    }
    let runs = [run("a", []), run("b", [(3, "0.05")]), run("c", [(9, "0.07"), (0, "0.1")])]
    // From the beginning on, c is a run like a; they have the same digest.
    #expect(
      names(runs) == ["at, changed never", "at, changed step 3: training.learning-rate 0.1 -> 0.05"])
    #expect(
      Comparison(runs).remarks.map(\.text) == ["a and c are the same run (recipe, seed and digest): counted once"])
  }

  @Test func labelsComeFirst() {
    var runs = ["0.1", "0.9", "0.9"].enumerated().map { seed, lambda in
      run(path: "run\(seed)", seed: seed, ["fairness": ["lambda": lambda]])
    }
    runs[2].label = "strict"
    #expect(names(runs) == ["fairtat, fairness.lambda 0.1", "strict"])
    runs[1].label = "firm"
    runs[0].label = "firm"
    #expect(names(runs) == ["firm (1)", "firm (2)"])
    #expect(
      Comparison(runs).remarks.map(\.text) == ["'strict' names no row: its run is of the recipe that 'firm' names"])
  }
}
