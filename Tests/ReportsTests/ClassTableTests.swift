// Class tables by hand: what the CSV says, what people read, who is marked.

import Fairness
import Reports
import Testing

@Suite struct ClassTableTests {
  /// Rows: labels. Accuracies 0.75, 0.25, none, 0.5; false positives 2, 1, 0, 3.
  let robust = ConfusionMatrix(classCount: 4, flat: [3, 1, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 2, 0, 0, 2])
  let clean = ConfusionMatrix(classCount: 4, flat: [4, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 2, 0, 0, 2])
  let names = ["plane", "car, \"fast\"", "bird", "cat"]

  @Test func evaluationAsCSV() {
    let table = ClassTable(
      names: names, clean: clean, robust: robust, prior: [0.25, 0.5, 0, 0.25],
      margins255: [8, 12, Float(1.0 / 3), 4])
    #expect(
      ClassTable.csvHeader
        == "epoch,step,class,name,split,weights,count,clean,robust,cfp,prior,margin255,targets,worst\n")
    #expect(
      table.csv(epoch: 3, step: 1564, split: .validation, weights: "raw") == """
        3,1564,0,plane,validation,raw,4,1.0,0.75,0.3333333333333333,0.25,8.0,,0
        3,1564,1,"car, ""fast""\",validation,raw,4,0.75,0.25,0.16666666666666666,0.5,12.0,,1
        3,1564,2,bird,validation,raw,0,,,0.0,0.0,0.33333334,,0
        3,1564,3,cat,validation,raw,4,0.5,0.5,0.5,0.25,4.0,,0

        """)
  }

  @Test func evaluationAsText() {
    let text = ClassTable(names: names, clean: clean, robust: robust).text
    #expect(text.columns == ["class", "name", "N", "clean %", "robust %", "CFP score", ""])
    #expect(text.rows[0] == ["0", "plane", "4", "100.00", "75.00", "0.3333", ""])
    #expect(text.rows[1] == ["1", "car, \"fast\"", "4", "75.00", "25.00", "0.1667", "worst"])
    #expect(text.rows[2] == ["2", "bird", "0", "", "", "0.0000", ""])
    #expect(text.rows.allSatisfy { $0.count == text.columns.count })
  }

  @Test func cleanAloneMarksItsOwnWorst() {
    let table = ClassTable(names: names, clean: clean)
    #expect(table.rows.filter(\.isWorst).map(\.name) == ["cat"])
    #expect(table.rows.allSatisfy { $0.robust == nil })
  }

  @Test func trainingEpoch() {
    var state = FairnessState(
      classCount: 2, setting: ClassSetting(targeted: true, epsilon: 8.0 / 255, steps: 10, stepSize: 2.0 / 255))
    var counts = ClassCounts(classCount: 2)
    counts.record(label: 0, prediction: 0)
    counts.record(label: 1, prediction: 0)
    counts.record(target: 1)
    counts.record(target: 0)
    state.add(counts)
    let table = ClassTable(names: ["a", "b"], training: state.endEpoch([]))
    #expect(
      table.csv(epoch: 0, step: 1, split: .train, weights: "raw")
        == "0,1,0,a,train,raw,1,,1.0,1.0,0.5,8.0,1,0\n0,1,1,b,train,raw,1,,0.0,0.0,0.5,8.0,1,1\n")
    #expect(
      table.text.columns == ["class", "name", "N", "robust %", "CFP score", "prior", "margin/255", "targets", ""])
  }

  @Test func hundredClassesMarkTheWorstTenth() {
    var flat = [Int64](repeating: 0, count: 10_000)
    for k in 0..<100 {
      flat[101 * k] = Int64(k)
      flat[100 * k + (k + 1) % 100] = Int64(100 - k)
    }
    let table = ClassTable(
      names: (0..<100).map { "class \($0)" }, robust: ConfusionMatrix(classCount: 100, flat: flat))
    #expect(table.rows.filter(\.isWorst).map(\.index) == Array(0..<10))
  }
}
