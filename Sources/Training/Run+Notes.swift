// What is unusual about a run, but no error: lines at its start.

extension Run {
  /// Lines for the user.
  var notes: [String] { dataset.notes + validationNotes }

  private var validationNotes: [String] {
    let fraction = recipe.data.validation
    guard split.validation.isEmpty, fraction.value > 0 else {
      return dataset.notes(on: split, fraction: fraction.value)
    }
    let fawa = recipe.averaging.fawa ? "FAWA takes in nothing and " : ""
    return [
      "no image is held out for validation (data.validation \(fraction) of each class), so \(fawa)no epoch is the best: raise "
        + "it, or \(recipe.averaging.fawa ? "set averaging.fawa=false" : "set it to 0")"
    ]
  }
}
