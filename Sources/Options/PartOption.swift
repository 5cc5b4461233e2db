// What a part of a run (a method, a policy, ...) can be told, declared beside the part.
//
// A recipe keeps options as text and gives them to the part that is chosen; so a new part with new options changes no other
// file than its own and the list it stands in.

/// One key of a recipe that belongs to some parts only.
package struct PartOption: Sendable {
  /// The whole key, such as `method.beta`.
  package let path: String
  /// One line for the comments of a recipe.
  package let help: String
  /// What a value may be, to follow "allowed:".
  package let allowed: String
  /// The value where none is given, as YAML.
  package let value: String
  /// A value as YAML; nil where it is not allowed.
  package let canonical: @Sendable (FieldText) -> String?

  private let areEqual: @Sendable (String, String) -> Bool

  package init<Value>(_ path: String, _ codec: FieldCodec<Value>, _ value: Value, _ help: String) {
    self.path = path
    self.help = help
    allowed = codec.allowed
    self.value = codec.print(value)
    canonical = { codec.parse($0).map(codec.print) }
    areEqual = { codec.parse(FieldText(argument: $0)) == codec.parse(FieldText(argument: $1)) }
  }

  /// Whether two texts, or two that are missing, say the same: 6 and 6.0 do.
  package func isEqual(_ a: String?, _ b: String?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return areEqual(a, b)
  }

  /// The same option with another value where none is given.
  package func defaulting(to value: String) -> PartOption { PartOption(self, value) }

  private init(_ other: PartOption, _ value: String) {
    path = other.path
    help = other.help
    allowed = other.allowed
    canonical = other.canonical
    areEqual = other.areEqual
    guard let value = canonical(FieldText(argument: value)) else {
      preconditionFailure("\(path) cannot be \(value)")
    }
    self.value = value
  }
}

/// The values of a part's options.
package struct PartValues: Sendable {
  private let texts: [String: String]

  /// - Parameter texts: by whole key, each of them allowed.
  package init(_ texts: [String: String]) { self.texts = texts }

  /// The value of an option of this part.
  package func value<Value>(_ path: String, _ codec: FieldCodec<Value>) -> Value {
    guard let text = texts[path], let value = codec.parse(FieldText(argument: text)) else {
      preconditionFailure("\(path) is no option of this part")
    }
    return value
  }

  package func real(_ path: String) -> Real { value(path, .real(-1e9...1e9)) }
  package func whole(_ path: String) -> Int { value(path, .whole(0...Int.max)) }
}
