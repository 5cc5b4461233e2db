// One key of the recipe: where it lies, what it is for, what it may be, and what it changes.

import Options

/// One row of the table `Recipe.fields`.
package struct RecipeField: Sendable {
  /// Whether a run may go on with another value of a key.
  package enum Effect: Sendable {
    /// It changes the weights, or the data that they are judged on.
    case result
    /// It changes the weights as long as FAWA is on, because validation decides what FAWA takes, or a method's policies
    /// judge by validation.
    case resultThroughFAWA
    /// It changes how the run goes, not what comes out.
    case course
  }

  /// The whole key, such as `training.batch-size`.
  package let path: String
  /// One line for the comments of a recipe.
  package let help: String
  package let effect: Effect
  /// What a value may be, to follow "allowed:".
  package let allowed: String
  /// The value in a recipe as YAML.
  package let text: @Sendable (Recipe) -> String
  /// Whose key it is; nil for a key that every recipe has.
  package let owner: Owner?

  /// The parts that have a key.
  package struct Owner: Sendable {
    /// What such a part is called, as `method`.
    package let kind: String
    /// The key that chooses among them.
    package let key: String
    /// Those that have the key, by name.
    package let parts: [String]
    let choice: @Sendable (Recipe) -> Choice
    /// Lets go of a value that was given.
    let forget: @Sendable (inout Recipe) -> Void
  }

  /// Puts a value in; false where it is not allowed.
  let set: @Sendable (FieldText, inout Recipe) -> Bool
  let isEqual: @Sendable (Recipe, Recipe) -> Bool

  init<Value>(
    _ path: String, _ keyPath: WritableKeyPath<Recipe, Value> & Sendable, _ codec: FieldCodec<Value>,
    effect: Effect = .result, _ help: String
  ) {
    self.path = path
    self.help = help
    self.effect = effect
    allowed = codec.allowed
    owner = nil
    text = { codec.print($0[keyPath: keyPath]) }
    isEqual = { $0[keyPath: keyPath] == $1[keyPath: keyPath] }
    set = { text, recipe in
      guard let value = codec.parse(text) else { return false }
      recipe[keyPath: keyPath] = value
      return true
    }
  }

  /// The key of an option, of the parts that are called `owners` and that the key `chooser` chooses among.
  init<Facts, Made>(
    _ option: PartOption, of choice: WritableKeyPath<Recipe, Choice> & Sendable, in catalog: Catalog<Facts, Made>,
    owners: [String], chooser: String, effect: Effect
  ) {
    path = option.path
    help = option.help
    self.effect = effect
    allowed = option.allowed
    owner = Owner(
      kind: catalog.kind, key: chooser, parts: owners, choice: { $0[keyPath: choice] },
      forget: { $0[keyPath: choice].given[option.path] = nil })
    text = { $0[keyPath: choice].text(option.path, in: catalog) ?? option.value }
    isEqual = {
      option.isEqual(
        $0[keyPath: choice].text(option.path, in: catalog), $1[keyPath: choice].text(option.path, in: catalog))
    }
    set = { text, recipe in
      guard let value = option.canonical(text) else { return false }
      recipe[keyPath: choice].give(value, to: option.path, in: catalog)
      return true
    }
  }

  /// The key of a step that varies images; all recipes have it.
  init(augmentation option: PartOption) {
    path = option.path
    help = option.help
    effect = .result
    allowed = option.allowed
    owner = nil
    text = { $0.augmentation.text(option) }
    isEqual = { option.isEqual($0.augmentation.text(option), $1.augmentation.text(option)) }
    set = { text, recipe in
      guard let value = option.canonical(text) else { return false }
      recipe.augmentation.give(value, to: option)
      return true
    }
  }

  /// Whether a recipe has this value.
  func holds(_ value: String, in recipe: Recipe) -> Bool {
    var other = recipe
    return set(FieldText(argument: value), &other) && isEqual(recipe, other)
  }

  /// Whether a recipe has this key.
  package func isOwned(by recipe: Recipe) -> Bool { owner.map { $0.parts.contains($0.choice(recipe).name) } ?? true }

  /// The key without its sections.
  package var key: Substring { path.split(separator: ".").last ?? "" }
  /// The sections around the key, outermost first.
  package var sections: [Substring] { path.split(separator: ".").dropLast() }
}

extension Recipe {
  /// A recipe of certain parts that says nothing else.
  ///
  /// - Parameter names: of the parts by the key that chooses them, such as `method.name`; other keys, and what no part is called,
  ///   count for nothing.
  package init(partsOf names: [String: String]) {
    self.init()
    let choosers = Set(Recipe.fields.compactMap(\.owner?.key))
    for field in Recipe.fields where choosers.contains(field.path) {
      if let name = names[field.path] { _ = field.set(FieldText(argument: name), &self) }
    }
  }
}
