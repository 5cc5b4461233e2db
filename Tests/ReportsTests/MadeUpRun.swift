// Runs made of lines written here, so that every number on a page has a known origin.

import Foundation
import Reports

/// The texts of a run's files.
enum MadeUpRun {
  static func recipe(epochs: Int = 2, seed: Int = 0, method: String = "fairtat", logEvery: Int = 10) -> String {
    """
    # A recipe made up for tests.

    model:
      name: preactresnet18  # the network
      width: 16
    training:
      epochs: \(epochs)
      seed: \(seed)
      milestones: [1/2, 3/4]
      log-every: \(logEvery)
    method:
      name: \(method)
    """
  }

  static let environment = """
    {"recipe": "small", "ranks": 3, "threads": 2, "hosts": ["a", "b", "a"], "started": "2026-01-02T03:04:05Z",
     "version": "9.9", "later": {"more": [1]}}
    """

  static func result(_ clean: Double, _ robust: Double, _ cleanWorst: Double, _ robustWorst: Double) -> String {
    """
    {"clean_accuracy":\(clean),"robust_accuracy":\(robust),"clean_worst":\(cleanWorst),"robust_worst":\(robustWorst),\
    "class_clean":[\(cleanWorst),0.9375],"class_robust":[\(robustWorst),0.8125]}
    """
  }

  static func step(_ epoch: Int, _ step: Int, loss: Double = 1) -> String {
    """
    {"kind":"step","epoch":\(epoch),"step":\(step),"loss":\(loss),"learning_rate":0.1,"images_per_second":7,\
    "seconds":{"attack":8,"training":2,"statistics":1,"reduction":0.5,"waiting":0.25}}
    """
  }

  static func epoch(
    _ epoch: Int, best: Bool = false, validation: String = "{}", test: String = "{}", accepted: String = "{}"
  ) -> String {
    """
    {"kind":"epoch","epoch":\(epoch),"step":\(4 * epoch + 4),"digest":"d1","images_per_second":123.5,\
    "train":{"loss":1.5,"robust_accuracy":0.25,"class_count":[8,8],"class_correct":[1,3],"false_positives":[5,7]},\
    "cfp":[0.4167,0.5833],"prior":[0.5,0.5],"prior_entropy":0.69,"targets":[11,13],"margins255":[4.875,6.25],\
    "validation":\(validation),"test":\(test),"accepted":\(accepted),"best":\(best),"unknown":null}
    """
  }

  /// Two epochs, the first of them the best; the averages and the test set at the end.
  static let metrics = [
    step(0, 2, loss: 2.25), step(0, 4),
    epoch(0, best: true, validation: "{\"raw\":\(result(0.6101, 0.4202, 0.3103, 0.2104))}"),
    step(1, 6), step(1, 8),
    epoch(
      1, validation: "{\"raw\":\(result(0.7111, 0.4112, 0.3113, 0.1114))}",
      test: """
        {"raw":\(result(0.7221, 0.4222, 0.3223, 0.1224)),"ema":\(result(0.7331, 0.4332, 0.3333, 0.1334)),\
        "fawa":\(result(0.7441, 0.4442, 0.3443, 0.1444))}
        """, accepted: "{\"ema\":2,\"fawa\":0}"),
  ].map { $0 + "\n" }.joined()

  static let classes = """
    epoch,step,class,name,split,weights
    0,4,0,"cat, <b>""fat"" & 'old'</b>",train,raw
    0,4,1,dog,train,raw
    0,4,0,renamed,validation,raw
    """

  static func run(metrics: String = metrics, recipe: String = recipe(), path: String = "runs/small-seed0") -> RunRecord
  {
    RunRecord(path: path, metrics: metrics, recipe: recipe, environment: environment, classes: classes)
  }
}
