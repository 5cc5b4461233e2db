// Finds recipes by name: in the working directory, then in launch/recipes beside the program, then in the program itself.

import Failures
import Platform

/// Where recipes given by name are looked for.
package struct RecipeLibrary: Sendable {
  /// No recipe is longer.
  private static let mostBytes = 1 << 20

  /// The folders, first one first.
  package let folders: [String]

  package init(folders: [String]) { self.folders = folders }

  /// The working directory, its `launch/recipes`, and the `launch/recipes` nearest above the program.
  package static var standard: RecipeLibrary {
    var folders = [".", "launch/recipes"]
    var folder = FileSystem.target(ofLink: "/proc/self/exe").map(Path.parent) ?? "/"
    while folder != "/" && folder != "." {
      let beside = Path.join(folder, "launch/recipes")
      if FileSystem.isDirectory(beside) {
        folders.append(beside)
        break
      }
      folder = Path.parent(of: folder)
    }
    return RecipeLibrary(folders: folders)
  }

  /// The recipe that the program carries: `synthetic-small`.
  package static let compiledIn = RecipeDocument(
    name: "synthetic-small",
    heading: [
      "FAIR-TAT on the built-in synthetic images: the recipe of `train` without a recipe.",
      "Minutes on two cores, no data needed, and every part of the method in it.",
    ],
    recipe: .syntheticSmall)

  /// All recipes that the program carries: that one, and the rows of the paper's table.
  package static let carried = [compiledIn] + PaperTable.recipes

  /// The recipe of a name or path, with or without `.yaml`.
  ///
  /// - Throws: `Failure(.configuration)` where there is none, naming the nearest known, or where it cannot be read.
  package func load(_ name: String) throws -> RecipeDocument {
    let prefixes = name.contains("/") ? [""] : folders.map { $0 == "." ? "" : $0 + "/" }
    for prefix in prefixes {
      for suffix in name.hasSuffix(".yaml") ? [""] : [".yaml", ""] {
        let path = prefix + name + suffix
        guard FileSystem.status(of: path) != nil, !FileSystem.isDirectory(path) else { continue }
        return try read(path)
      }
    }
    if let carried = Self.carried.first(where: { $0.name == Self.stem(name) }) { return carried }
    let known = names
    let near = Suggestions.nearest(to: Self.stem(name), among: known)
    let hint =
      near.isEmpty
      ? "known: \(known.filter { !$0.hasPrefix(PaperTable.prefix) }.joined(separator: ", ")), and the rows of the paper's table, "
        + "\(PaperTable.prefix)SETTING-ROW (fairtat-dist list recipes)"
      : "did you mean \(near.joined(separator: " or "))?"
    let places = name.contains("/") ? "" : " in \(folders.joined(separator: ", "))"
    throw Failure(.configuration, "no recipe '\(name)'\(places); \(hint)")
  }

  /// The names of all recipes in the folders named `recipes`, and of those in the program, sorted.
  package var names: [String] {
    var names = Set(Self.carried.map(\.name))
    // Other YAML files may lie in the working directory.
    for folder in folders where folder.hasSuffix("recipes") {
      let files = (try? FileSystem.names(in: folder)) ?? []
      names.formUnion(files.filter { $0.hasSuffix(".yaml") }.map(Self.stem))
    }
    return names.sorted()
  }

  private func read(_ path: String) throws -> RecipeDocument {
    guard let bytes = FileSystem.bytes(of: path, limit: Self.mostBytes + 1) else {
      throw Failure(.configuration, "\(path): cannot be read (\(FileSystem.reason())); check its permissions")
    }
    guard bytes.count <= Self.mostBytes else {
      throw Failure(.configuration, "\(path): longer than \(Self.mostBytes >> 20) MiB, which no recipe is")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.configuration, "\(path): not UTF-8 text")
    }
    return try RecipeDocument(name: Self.stem(path), yaml: text, file: path)
  }

  private static func stem(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
  }
}
