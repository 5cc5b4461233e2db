// Files of results that are kept and shared: of report table1 --save, and of evaluate --json.

import Checkpoints
import Corruptions
import Evaluation
import Fairness
import Foundation
import Recipes
import Reports

extension Subject {
  /// A file of results by its kind; nil for a file of another kind.
  static func results(_ kind: String, scratch: String) throws -> Subject? {
    let place = scratch + "/\(kind).json"
    func bytes() throws -> [UInt8] { try FileReader(place).bytes(upTo: 1 << 24) }
    switch kind {
    case "row":
      let whole = try RowResult(json: Array(row(seed: "0").utf8))
      return Subject(Array(row(seed: "1").utf8), at: place) {
        let result = try RowResult(json: try bytes())
        let (tables, _) = RowTable.tables(of: [("whole", whole), ("damaged", result)])
        _ = tables.map { use($0.table, $0.csv) }
        _ = (try result.json, result.fileName)
        return true
      }
    case "scaling":
      let whole = try ScalingMeasurement(json: Array(scaling(ranks: 1).utf8))
      return Subject(Array(scaling(ranks: 2).utf8), at: place) {
        let study = try ScalingStudy([("whole", whole), ("damaged", try ScalingMeasurement(json: try bytes()))])
        let beyond = ScalingExtrapolation(study)
        let page = ScalingPage(study, beyond)
        use(study.table, try study.csv + study.json(beyond) + page.svg + page.html)
        return true
      }
    case "evaluation", "corruptions":
      let json = kind == "evaluation" ? evaluation : corruptions
      let whole = try EvaluationFile(json: json(nil))
      return Subject(try json("fairtat"), at: place) {
        let files = [("whole", whole), ("damaged", try EvaluationFile(json: try bytes()))]
        for table in EvaluatedTable.allCases {
          for table in EvaluationTable.tables(table, of: files).tables {
            use(table.table, table.csv)
            if let details = table.details { use(details, "") }
          }
        }
        let figures = CFPFigure.figures(of: files).figures
        _ = (CFPFigure.page(figures), figures.map { use($0.table, $0.csv + $0.svg) })
        return true
      }
    default: return nil
    }
  }

  private static func use(_ table: Table, _ text: String) {
    _ = (table.markdown, table.latex, Table.page("page", [table]), text)
  }

  private static func row(seed: String) -> String {
    let entry =
      #"{"class_clean":[0.5,null],"class_robust":[0.25,0],"clean_accuracy":0.5,"clean_worst":0.5,"#
      + #""robust_accuracy":0.25,"robust_worst":0}"#
    return
      #"{"accepted":{"ema":7,"fawa":0},"built_for":"AVX2","changed":[],"data_digest":"f1","definition":"#
      + #"["training.epochs 10","model.width 16"],"digest":"8e","epochs":10,"processor":"a","ranks":1,"#
      + #""recipe":"table1-cifar10-small-at","seed":"\#(seed)","test":{"ema":\#(entry),"raw":\#(entry)},"threads":1,"#
      + #""training_seconds":90,"validation":{"raw":\#(entry)},"version":"0.1.0"}"# + "\n"
  }

  private static func scaling(ranks: Int) -> String {
    let rate = #"{"greatest":9,"least":8,"median":8.5}"#
    return
      #"{"attack_steps":3,"batch":32,"benchmark":"step","build":"b","hosts":1,"images_per_second":\#(rate),"#
      + #""machine":{"bandwidth":2e9,"cache":1e6,"core_bandwidth":1e9,"cores":2,"floats":1000,"loop":1e-6,"long_sum":1,"#
      + #""small_sum":1e-6,"times":{"bandwidth":1e9,"cache":1e6,"points":[{"images":1,"seconds":0.1},"#
      + #"{"images":2,"seconds":0.2}]}},"method":"fairtat","model":"m","processor":"p","ranks":\#(ranks),"#
      + #""seconds":{"attack":2,"reduction":0.1,"rest":0.1,"statistics":0.1,"training":1,"waiting":0.1},"#
      + #""step_seconds":\#(rate),"threads":2,"work":{"attack_forward":3,"attack_gradient":3,"batch":32,"#
      + #""exchanged_doubles":50,"exchanges":12,"filters":[{"count":2,"forward_bytes":100,"gradient_bytes":100,"#
      + #""group_images":8,"is_transformed":false,"tiles":4}],"forward_bytes":100,"gradient_bytes":100,"loops":90,"packed_bytes":2000000,"#
      + #""parameters":50000,"shard_size":8,"views":1,"weight_gradient_bytes":100}}"# + "\n"
  }

  private static func subject(_ row: String?) -> EvaluationSubject {
    var subject = EvaluationSubject(weights: "raw", data: "cifar10", digest: "d", program: "p")
    subject.recipe = "table1-cifar10-small-\(row ?? "at")"
    subject.seed = "0"
    subject.changed = []
    subject.definition = ["training.epochs 10"]
    subject.moment = .last
    subject.step = 750
    subject.classNames = ["one", "two", "three"]
    return subject
  }

  private static func evaluation(_ row: String?) throws -> [UInt8] {
    var verdicts = Verdicts(labels: (0..<30).map { $0 % 3 }, classCount: 3, attacks: ["a", "b"])
    for example in 0..<30 {
      verdicts.record(clean: example % 5 == 0 ? 0 : example % 3, of: example)
      if example % 2 == 0 { verdicts.record((example + 1) % 3, after: example / 15, of: example) }
    }
    let warning = EvaluationWarning(.shortAttack, "short")
    var evaluation = AttackEvaluation(attack: "AutoAttack", verdicts, seconds: [1, 2], warnings: [warning])
    evaluation.epsilon = 8.0 / 255
    evaluation.subject = subject(row)
    evaluation.intervals = Bootstrap.intervals(verdicts)
    return JSONLayout.lines(try JSONEncoder().encode([evaluation]))
  }

  private static func corruptions(_ row: String?) throws -> [UInt8] {
    var matrix = ConfusionMatrix(classCount: 2)
    for example in 0..<10 { matrix.record(label: example % 2, prediction: example % 3 % 2) }
    let names = CorruptionCatalog.names.filter { CorruptionCatalog.isInMean($0) }
    var results = CorruptionEvaluation(
      names.map { CorruptionEvaluation.Row($0, (1...5).map { (severity: $0, matrix: matrix) }) })
    results.subject = subject(row)
    return JSONLayout.lines(try JSONEncoder().encode(results))
  }
}
