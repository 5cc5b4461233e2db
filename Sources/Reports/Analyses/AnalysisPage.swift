// `analysis.html` and the files of its charts.

import Fairness

/// The page about analysed models.
package struct AnalysisPage: Sendable {
  let analysis: Analysis
  /// Of each model, in the order of its confused pairs' examples.
  let pictures: [[AnalysisPicture]]
  /// Lines that the reader should know.
  let notes: [String]

  /// - Precondition: pictures of as many models.
  package init(_ analysis: Analysis, pictures: [[AnalysisPicture]], notes: [String] = []) {
    precondition(pictures.count == analysis.models.count, "pictures of each model expected")
    self.analysis = analysis
    self.pictures = pictures
    self.notes = notes
  }

  /// The file's text.
  package var html: String {
    Page(
      title, body: heading + strength + course + targets + transfer + confusions
    ).html
  }

  /// The charts as files of their own: names with their ending, and texts.
  package var drawings: [(name: String, text: String)] {
    AnalysisCharts(analysis: analysis).all.map { ("\($0.name).svg", $0.svg.standalone) }
  }

  private var title: String {
    let models = analysis.models
    return "Analysis of " + (models.count == 1 ? models[0].name : "\(models.count) models")
  }

  private var heading: Markup {
    let facts: [(String, String)] = [
      ("attack", analysis.attack), ("epsilon", Figures.radius(analysis.epsilon)),
      (
        "images",
        Set(analysis.models.map { "\($0.robust.total) of \($0.subject.data)" }).sorted().joined(separator: ", ")
      ),
    ]
    let items: [Markup] = facts.map { "<li><span>\($0.0)</span> <b>\($0.1)</b></li>\n" }
    let warned: [Markup] = analysis.models.flatMap { model in
      model.warnings.map { "<p class=\"note\">\(model.name): \($0.text) (\($0.kind.rawValue)).</p>\n" }
    }
    let noted: [Markup] = notes.map { "<p class=\"muted\">\($0).</p>\n" }
    var table = HTMLTable(
      [.text("model")] + ["clean %", "clean worst %", "robust %", "robust worst %"].map { .number($0) }
        + [.text("weights"), .text("read from")])
    for model in analysis.models {
      table.add(
        [.text(model.name)]
          + [model.clean.accuracy, model.clean.worst, model.robust.accuracy, model.robust.worst].map {
            .number(Figures.percent($0))
          }
          + [.text(model.subject.weights), .text(model.place)])
    }
    return """
      <header>
      <h1>\(title)</h1>
      <ul class="facts">
      \(items)</ul>
      \(warned)\(noted)</header>
      \(table.markup)
      """
  }

  private func figures(_ drawings: [AnalysisCharts.Drawing]) -> Markup {
    Page.figures(drawings.map { Page.figure($0.title, note: $0.note, $0.svg) })
  }

  // MARK: - Strength

  private var strength: Markup {
    let charts = AnalysisCharts(analysis: analysis)
    return Page.section(
      "Strength of the attack",
      figures(charts.byEpsilon) + curve(\.byEpsilon, "epsilon") { Figures.radius($0.epsilon) }
        + figures(charts.bySteps) + curve(\.bySteps, "steps") { "\($0.steps)" })
  }

  /// Accuracy and worst class, a column a point.
  private func curve(
    _ curve: KeyPath<ModelAnalysis, AttackCurve>, _ what: String, _ label: (AttackCurve.Point) -> String
  ) -> Markup {
    guard let points = analysis.models.first?[keyPath: curve].points else { return "" }
    var table = HTMLTable([.text("model"), .text("\(what), %")] + points.map { .number(label($0)) })
    for model in analysis.models {
      let points = model[keyPath: curve].points
      table.add([.text(model.name), .text("robust")] + points.map { .number(Figures.percent($0.robustAccuracy)) })
      table.add([.text(""), .text("worst class")] + points.map { .number(Figures.percent($0.robustWorst)) })
    }
    return table.markup
  }

  // MARK: - Course and classes

  private var course: Markup {
    let charts = AnalysisCharts(analysis: analysis)
    return Page.section(
      "Course of the attack, and whom images are taken for", figures([charts.losses] + charts.falsePositives))
  }

  // MARK: - Matrices

  private var targets: Markup {
    let tables: [Markup] = analysis.models.map { model in
      let success = model.targeted
      var table = HTMLTable(
        [.text("class, %")] + success.targets.map { .number("→ \(model.classNames[$0])") })
      func cell(_ share: Double?) -> HTMLTable.Cell {
        .number(share.map { Figures.decimal(100 * $0, 1) } ?? Figures.absent, heat: share)
      }
      for (source, name) in model.classNames.enumerated() {
        table.add([.text(name)] + success.targets.indices.map { cell(success.share(source, $0)) })
      }
      table.add([.text("all others")] + success.targets.indices.map { cell(success.share(ofTarget: $0)) })
      return "<h3>\(model.name)</h3>\n\(table.markup)"
    }
    return Page.section(
      "Targeted success",
      """
      <p class="muted">Share of the images of a class (row) that \(analysis.attack) toward another class (column) makes the model \
      predict as that class, epsilon \(Figures.radius(analysis.epsilon)).</p>
      \(tables)
      """)
  }

  private var transfer: Markup {
    guard let transfer = analysis.transfer else { return "" }
    let names = analysis.models.map(\.name)
    func table(_ title: String, _ values: [[Double]]) -> Markup {
      var table = HTMLTable([.text("\(title): adversaries of")] + names.map { .number("judged by \($0)") })
      for (name, row) in zip(names, values) {
        table.add([.text(name)] + row.map { .number(Figures.percent($0), heat: $0) })
      }
      return table.markup
    }
    return Page.section(
      "Transfer",
      """
      <p class="muted">Accuracy of a model (column) on the adversaries that \(analysis.attack) found against another (row); on the \
      diagonal against itself.</p>
      \(table("accuracy, %", transfer.accuracy))\(table("worst class, %", transfer.worst))
      """)
  }

  // MARK: - Pictures

  private var confusions: Markup {
    let parts: [Markup] = zip(analysis.models, pictures).map { model, pictures in
      var rest = pictures[...]
      let pairs: [Markup] = model.confused.map { pair in
        let own = rest.prefix(pair.examples.count)
        rest = rest.dropFirst(own.count)
        return self.pair(pair, own, model)
      }
      return pairs.isEmpty ? "" : "<h3>\(model.name)</h3>\n<div class=\"figures\">\n\(pairs)</div>\n"
    }
    guard parts.contains(where: { !$0.source.isEmpty }) else { return "" }
    return Page.section(
      "The most confused pairs",
      """
      <p class="muted">Images as they are, after \(analysis.attack) with epsilon \(Figures.radius(analysis.epsilon)), and the change \
      times \(AnalysisPicture.gain) around grey.</p>
      \(parts)
      """)
  }

  private func pair(_ pair: ConfusedPair, _ pictures: ArraySlice<AnalysisPicture>, _ model: ModelAnalysis) -> Markup {
    let (label, prediction) = (model.classNames[pair.label], model.classNames[pair.prediction])
    let rows: [Markup] = pictures.map { picture in
      let cells: [Markup] = [
        ("as it is", picture.clean), ("attacked", picture.adversarial), ("change", picture.difference),
      ].map { what, pixels in
        let image = PNGPicture.markup(
          pixels, height: picture.height, width: picture.width, title: "image \(picture.example), \(what)")
        return "<td class=\"picture\">\(image)</td>"
      }
      return "<tr><td class=\"text\">\(picture.example)</td>\(cells)</tr>\n"
    }
    return """
      <figure>
      <figcaption>\(label) taken for \(prediction)<small>\(Int(pair.count)) of \
      \(Int(model.robust.examples[pair.label])) images</small></figcaption>
      <table>
      <thead><tr><th class="text">image</th><th class="text">as it is</th><th class="text">attacked</th><th class="text">change\
      </th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </figure>

      """
  }
}
