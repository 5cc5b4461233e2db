import Corruptions
import Fairness
import Foundation
import Reports
import Testing

/// The page of an analysis and its charts, of numbers made up.
@Suite struct AnalysisPageTests {
  private static let names = ["cat", "d<o>g", "ship"]

  private static func model(_ name: String, worse: Double = 0, classNames: [String] = names) -> ModelAnalysis {
    let classes = classNames.count
    func matrix(_ right: Int64) -> ConfusionMatrix {
      var flat = [Int64](repeating: 0, count: classes * classes)
      for k in 0..<classes {
        flat[k * classes + k] = right - Int64(k % 3)
        flat[k * classes + (k + 1) % classes] = 20 - right + Int64(k % 3)
      }
      return ConfusionMatrix(classCount: classes, flat: flat)
    }
    func curve(_ points: [(Double, Int)]) -> AttackCurve {
      AttackCurve(
        points.enumerated().map { (place: Int, point: (Double, Int)) -> AttackCurve.Point in
          AttackCurve.Point(
            epsilon: point.0, stepSize: 0.01, steps: point.1, matrix(Int64(18 - 2 * place)))
        })
    }
    let radii: [Double] = [0, 1, 2, 4, 8, 16]
    let counts: [Int] = [0, 1, 2, 5, 10, 50]
    let reached: [[Int64]] = (0..<classes).map { y in
      (0..<classes).map { (t: Int) -> Int64 in t == y ? 0 : Int64((3 * t + y) % 20) }
    }
    return ModelAnalysis(
      name: name, place: "runs/\(name)",
      subject: EvaluationSubject(weights: "raw", data: "cifar10", digest: "abc", program: "test"),
      classNames: classNames, byEpsilon: curve(radii.map { ($0 / 255, 10) }),
      bySteps: curve(counts.map { (8.0 / 255, $0) }), losses: [0.5, 1, 1.4 + worse], clean: matrix(18),
      robust: matrix(8),
      targeted: TargetedSuccess(
        targets: Array(0..<classes), examples: [Int64](repeating: 20, count: classes),
        reached: reached),
      confused: [ConfusedPair(label: 0, prediction: 1, count: 12, examples: [4, 7])],
      warnings: [EvaluationWarning(.robustGrows, "robust accuracy grows & grows")])
  }

  private static func picture(_ example: Int) -> AnalysisPicture {
    let clean = (0..<16 * 24 * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + example) }
    return AnalysisPicture(
      example: example, height: 16, width: 24, clean: clean, adversarial: clean.map { $0 ^ 1 },
      difference: clean.map { _ in 128 })
  }

  private static func page(_ models: [ModelAnalysis], _ transfer: Transfer? = nil) -> AnalysisPage {
    AnalysisPage(
      Analysis(steps: 10, epsilon: 8.0 / 255, models: models, transfer: transfer),
      pictures: models.map { _ in [picture(4), picture(7)] })
  }

  @Test func onePageOfTwoModels() throws {
    let models = [Self.model("plain"), Self.model("fair & robust", worse: 0.4)]
    let transfer = Transfer([[models[0].robust, models[1].clean], [models[0].clean, models[1].robust]])
    let page = Self.page(models, transfer)
    let read = try #require(WellFormed(page.html))
    let text = read.all("html")[0].text
    for part in ["fair & robust", "d<o>g", "robust-grows-with-epsilon", "cat taken for d<o>g", "12 of 20 images"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(text.contains("8/255") && text.contains("judged by plain"))
    // Two charts against epsilon, two against steps, the loss, the false positives.
    #expect(read.all("svg").count == 6 && read.all("img").count == 2 * 2 * 3)
    // 3 x 3 cells of shares and a row of sums a model, and two matrices of transfer.
    #expect(read.all("td").count { $0.attributes["class"] == "heat" } == 2 * (6 + 3) + 2 * 4)

    #expect(
      page.drawings.map(\.name) == [
        "epsilon-accuracy.svg", "epsilon-worst.svg", "steps-accuracy.svg", "steps-worst.svg", "loss.svg",
        "false-positives.svg",
      ])
    for (name, text) in page.drawings {
      let svg = try #require(WellFormed(text), "\(name)")
      if name == "false-positives.svg" {
        // Three classes of two models, and the legend.
        #expect(svg.all("rect").count == 6 + 2)
      } else {
        #expect(svg.all("polyline").count == 2 && svg.all("svg")[0].text.contains("plain"))
      }
    }
    let ticks = try #require(page.drawings.first { $0.name == "steps-worst.svg" }?.text)
    #expect([0, 1, 2, 5, 10, 50].allSatisfy { ticks.contains(">\($0)</text>") })
  }

  /// The pictures are what libpng reads from them.
  @Test func picturesAreRead() throws {
    let read = try #require(WellFormed(Self.page([Self.model("one")]).html))
    let prefix = "data:image/png;base64,"
    for (number, image) in read.all("img").enumerated() {
      let source = try #require(image.attributes["src"])
      #expect(source.hasPrefix(prefix))
      let data = try #require(Data(base64Encoded: String(source.dropFirst(prefix.count))))
      let decoded = try PictureFile.decode(Array(data), from: "the page")
      let expected = Self.picture([4, 7][number / 3])
      #expect(decoded.width == 24 && decoded.height == 16)
      #expect(decoded.bytes == [expected.clean, expected.adversarial, expected.difference][number % 3])
    }
  }

  /// Models of other classes have bars of their own; more than twenty classes are drawn by the largest.
  @Test func otherClasses() throws {
    let many = (0..<30).map { "class \($0)" }
    var other = Self.page([Self.model("three"), Self.model("thirty", classNames: many)])
    #expect(other.drawings.map(\.name).suffix(2) == ["false-positives-1.svg", "false-positives-2.svg"])
    #expect(try #require(WellFormed(other.drawings.last?.text ?? "")).all("rect").count == 20)
    #expect(WellFormed(other.html) != nil)
    other = Self.page([])
    #expect(WellFormed(other.html) != nil)
  }

  @Test func radii() {
    let written: [(Double, String)] = [
      (0, "0/255"), (1.0 / 255, "1/255"), (8.0 / 255, "8/255"), (0.5 / 255, "0.5/255"), (0.1, "25.5/255"),
    ]
    for (radius, text) in written { #expect(Figures.radius(radius) == text) }
  }

  @Test func json() throws {
    let analysis = Analysis(
      steps: 10, epsilon: 8.0 / 255, models: [Self.model("a")], transfer: Transfer([[Self.model("a").robust]]))
    let json = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(analysis)) as? [String: Any])
    let model = try #require((json["models"] as? [[String: Any]])?.first)
    #expect(json["attack"] as? String == "PGD-10" && (json["transfer"] as? [String: Any])?.count == 2)
    #expect(
      Set(model.keys) == [
        "name", "place", "model", "class_names", "count", "by_epsilon", "by_steps", "losses", "clean_confusion",
        "confusion", "cfp", "targeted", "confused", "warnings",
      ])
    let points = try #require(model["by_epsilon"] as? [[String: Any]])
    #expect(
      Set(points[0].keys) == ["epsilon", "step_size", "steps", "robust_accuracy", "robust_worst", "class_robust"])
    let share = try #require((model["targeted"] as? [String: Any])?["share"] as? [[Any]])
    #expect(share[0][0] is NSNull && share[0][1] as? Double == 0.15 && share[1][2] as? Double == 0.35)
  }
}
