import Recipes

/// The recipe that is compiled in, with keys set as by `--set`.
func changed(_ assignments: String...) throws -> Recipe {
  var document = RecipeLibrary.compiledIn
  for assignment in assignments { try document.set(assignment) }
  try document.check(against: RecipeDocumentTests.registry)
  return document.recipe
}
