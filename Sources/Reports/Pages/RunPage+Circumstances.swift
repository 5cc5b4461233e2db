// What was asked for, and where it ran.

extension RunPage {
  var recipe: Markup {
    guard !run.recipeText.isEmpty else { return "" }
    return Page.section(
      "Recipe",
      "<details>\n<summary>All keys, as they were resolved</summary>\n<pre>\(run.recipeText)</pre>\n</details>\n")
  }

  var circumstances: Markup {
    var facts: [(String, String)] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append((name, value)) }
    }
    if let environment = run.environment {
      add("version", environment.version)
      add(
        "built for",
        [environment.builtFor, environment.march.map { "(\($0))" }].compactMap { $0 }.joined(separator: " "))
      add("processor", environment.processor)
      let hosts = environment.ranksByHost.map { "\($0.host) (\($0.ranks) rank\($0.ranks == 1 ? "" : "s"))" }
      add("hosts", hosts.joined(separator: ", "))
      add("command", environment.command?.joined(separator: " "))
    }
    add("run directory", run.path)
    add("state after the last epoch", run.log.epochs.last?.digest.map { "SHA-256 \($0)" })
    let items: [Markup] = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" }
    return Page.section("Environment", "<dl>\n\(items)</dl>\n")
  }
}
