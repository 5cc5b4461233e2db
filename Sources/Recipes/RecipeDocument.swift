// A recipe together with where each of its values came from, so that a complaint can name file and line.

import Attacks
import Failures
import Methods
import Networks
import Options
import Yams

/// A recipe being read: a file, then overrides, then the checks.
package struct RecipeDocument: Sendable {
  /// The file's name without folder and extension; runs are named after it.
  package let name: String
  /// The comment lines at the top of the file, without their marks.
  package let heading: [String]
  /// The values so far; every key that was not given has its default.
  package private(set) var recipe: Recipe
  /// Where a value was given, by the key's path: `file:line`, or the option of the command line.
  package private(set) var origins: [String: String] = [:]

  /// A recipe that is no file.
  package init(name: String, heading: [String], recipe: Recipe) {
    self.name = name
    self.heading = heading
    self.recipe = recipe
  }

  /// Reads YAML.
  ///
  /// - Parameter file: what messages call the text.
  /// - Throws: `Failure(.configuration)` for text that is not YAML, unknown or repeated keys, and values not allowed.
  package init(name: String, yaml: String, file: String) throws {
    let comments = yaml.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") }
    self.init(
      name: name, heading: comments.map { String($0.dropFirst($0.hasPrefix("# ") ? 2 : 1)) }, recipe: Recipe())
    let root = try RecipeYAML.node(of: yaml, file: file)
    guard let root else {
      throw Failure(.configuration, "\(file): the recipe is empty; a recipe has keys such as training.epochs")
    }
    guard let mapping = root.mapping else {
      throw Failure(.configuration, "\(file): a recipe is a mapping of sections such as training")
    }
    // What a method sets comes before what the same file says, and parts before what they are told.
    if let node = mapping["method"]?.mapping?["name"], let name = node.scalar?.string { recipe.choose(method: name) }
    if let name = mapping["model"]?.mapping?["name"]?.scalar?.string, name != recipe.model.name {
      recipe.model.choice = Choice(name)
    }
    if let attack = mapping["evaluation"]?.mapping?["attack"]?.mapping?["name"]?.scalar?.string,
      attack != recipe.evaluation.attack.choice.name
    {
      recipe.evaluation.attack.choice = Choice(attack)
    }
    if let name = mapping["training"]?.mapping?["optimizer"]?.scalar?.string, name != recipe.training.optimizer.name {
      recipe.training.optimizer = Choice(name)
    }
    try read(mapping, path: "", file: file)
  }

  /// Applies `KEY=VALUE`, as `--set` has it.
  package mutating func set(_ assignment: String) throws {
    guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
      throw Failure(.configuration, "--set \(assignment): write KEY=VALUE, such as --set training.epochs=10")
    }
    let value = String(assignment[assignment.index(after: equals)...])
    try set(String(assignment[..<equals]), FieldText(argument: value), origin: "--set")
  }

  /// Gives one key a value.
  ///
  /// - Parameter origin: what messages name as the place, such as `--epochs`.
  /// - Throws: `Failure(.configuration)` naming the nearest keys, or what the key allows.
  package mutating func set(_ path: String, _ text: FieldText, origin: String) throws {
    guard let field = Recipe.fields.first(where: { $0.path == path }) else {
      throw Failure(.configuration, "\(origin): \(Self.unknown(path))")
    }
    let before = recipe
    guard field.set(text, &recipe) else {
      throw Failure(.configuration, "\(origin): \(path) is \(text); allowed: \(field.allowed)")
    }
    origins[path] = origin
    if path == "method.name" && recipe.method.name != before.method.name {
      changeMethod(from: before.method.name, to: recipe.method.name)
    }
    let isOther =
      recipe.evaluation.attack.choice.name != before.evaluation.attack.choice.name
      || recipe.model.name != before.model.name || recipe.training.optimizer.name != before.training.optimizer.name
    if isOther { forgetForeign() }
  }

  /// What another method sets stands instead of what the one before did, unless the command line gave it.
  private mutating func changeMethod(from former: String, to name: String) {
    let given = recipe
    // What the former method set is no wish of the user's.
    for (path, value) in methods[former]?.settings ?? [] {
      guard let field = Recipe.fields.first(where: { $0.path == path }), origins[path]?.hasPrefix("--") != true,
        field.holds(value, in: recipe)
      else { continue }
      _ = field.set(FieldText(argument: field.text(Recipe())), &recipe)
    }
    recipe.choose(method: name)
    for field in Recipe.fields where !field.isEqual(given, recipe) && field.path != "method.name" {
      guard let origin = origins[field.path] else { continue }
      if origin.hasPrefix("--") {
        _ = field.set(FieldText(argument: field.text(given)), &recipe)
      } else {
        origins[field.path] = "method \(name)"
      }
    }
    forgetForeign()
  }

  /// Options of a part that is no longer chosen, and that the one in its place has none of, go with it, unless the command
  /// line gave them.
  private mutating func forgetForeign() {
    for field in Recipe.fields where !field.isOwned(by: recipe) && origins[field.path]?.hasPrefix("--") != true {
      field.owner?.forget(&recipe)
      origins[field.path] = nil
    }
  }

  /// Checks what no single key can tell: known names, and keys that contradict each other.
  package func check(against registry: Registry) throws {
    try check("model.name", recipe.model.name, registry.models, list: "models")
    try check("data.name", recipe.data.name, registry.data, list: "data")
    try check("method.name", recipe.method.name, registry.methods, list: "methods")
    guard optimizers[recipe.training.optimizer.name] != nil else {
      throw Failure(
        .configuration,
        "\(place("training.optimizer"))'\(recipe.training.optimizer.name)' is not known; "
          + "known: \(optimizers.names.joined(separator: ", "))")
    }
    try checkAttack(against: registry)
    try checkOwners()
    try check("fairness.prior", recipe.fairness.prior, registry.priors, list: "priors")
    if let (path, message) = recipe.contradiction { throw Failure(.configuration, "\(place(path))\(message)") }
  }

  /// Checks the attack of evaluations alone.
  package func checkAttack(against registry: Registry) throws {
    try check("evaluation.attack.name", recipe.evaluation.attack.choice.name, registry.attacks, list: "attacks")
    try checkOwners(of: "evaluation.attack.name")
    if let (path, message) = recipe.evaluation.attack.contradiction {
      throw Failure(.configuration, "\(place(path))\(message)")
    }
  }

  /// That no key was given that another part has than the one that is chosen.
  private func checkOwners(of chooser: String? = nil) throws {
    for field in Recipe.fields where origins[field.path] != nil && !field.isOwned(by: recipe) {
      guard let owner = field.owner, owner.key == chooser ?? owner.key else { continue }
      throw Failure(
        .configuration,
        "\(place(field.path))only \(owner.parts.joined(separator: ", ")) \(owner.parts.count == 1 ? "has" : "have") this key, "
          + "and \(owner.key) is \(owner.choice(recipe).name): leave it out, or choose another \(owner.kind)")
    }
  }

  /// Complete YAML of the values, under the heading of the file.
  package func yaml() -> String { recipe.yaml(heading: heading) }

  private func place(_ path: String) -> String { (origins[path].map { "\($0): " } ?? "") + "\(path): " }

  private func check(_ path: String, _ name: String, _ known: [RegistryEntry], list: String) throws {
    let names = known.map(\.name)
    if names.contains(name) { return }
    let near = Suggestions.nearest(to: name, among: names)
    let hint = near.isEmpty ? "" : "did you mean \(near.joined(separator: " or "))? "
    throw Failure(
      .configuration,
      "\(place(path))'\(name)' is not known; \(hint)known: \(names.joined(separator: ", ")) (fairtat-dist list \(list))"
    )
  }

  private mutating func read(_ mapping: Node.Mapping, path: String, file: String) throws {
    for (key, value) in mapping {
      let origin = "\(file):\(key.mark?.line ?? 1)"
      guard let name = key.scalar?.string else { throw Failure(.configuration, "\(origin): a key is a word") }
      let whole = path.isEmpty ? name : "\(path).\(name)"
      let isSection = Recipe.fields.contains { $0.path.hasPrefix(whole + ".") }
      switch value {
      case .mapping(let inner) where isSection:
        try read(inner, path: whole, file: file)
      case .mapping where Recipe.fields.contains { $0.path == whole }:
        throw Failure(.configuration, "\(origin): \(whole) is one value, not a section")
      case .scalar(let scalar) where isSection:
        // A section may be empty.
        if scalar.string.isEmpty { continue }
        throw Failure(.configuration, "\(origin): \(whole) is a section; its keys: \(Self.keys(of: whole))")
      case .scalar(let scalar):
        try set(whole, .scalar(scalar.string, quoted: scalar.style != .plain), origin: origin)
      case .sequence(let sequence):
        let items = sequence.compactMap { $0.scalar?.string }
        guard items.count == sequence.count else {
          throw Failure(.configuration, "\(origin): \(whole): the items of a list are numbers or words")
        }
        try set(whole, .list(items), origin: origin)
      default:
        throw Failure(.configuration, "\(origin): \(Self.unknown(whole))")
      }
    }
  }

  private static func keys(of section: String) -> String {
    Recipe.fields.filter { $0.path.hasPrefix(section + ".") }.map { $0.path.dropFirst(section.count + 1) }
      .joined(separator: ", ")
  }

  private static func unknown(_ path: String) -> String {
    let sections = Recipe.sectionHelp.keys.sorted()
    if let section = path.contains(".") ? nil : Suggestions.nearest(to: path, among: sections).first {
      return "unknown key '\(path)'; did you mean the section \(section) (\(keys(of: section)))?"
    }
    let near = Suggestions.nearest(toKey: path, among: Recipe.fields.map(\.path))
    if !near.isEmpty { return "unknown key '\(path)'; did you mean \(near.joined(separator: " or "))?" }
    let section = path.split(separator: ".").dropLast().joined(separator: ".")
    let inside = keys(of: section)
    return inside.isEmpty
      ? "unknown key '\(path)'; the sections are \(sections.filter { !$0.contains(".") }.joined(separator: ", "))"
      : "unknown key '\(path)'; \(section) has \(inside)"
  }
}
