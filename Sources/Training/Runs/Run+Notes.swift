// What is unusual about a run, but no error: lines at its start.

extension Run {
  /// Lines for the user, those on the recipe first.
  var notes: [String] {
    [memoryNote].compactMap(\.self) + recipe.notes(stepsPerEpoch: stepsPerEpoch) + dataset.notes + classNotes
      + validationNotes + shortage.notes
  }

  private var classNotes: [String] {
    let more = network.classCount - dataset.classCount
    guard more > 0 else { return [] }
    return [
      "model.classes is \(network.classCount), the data has \(dataset.classCount) classes: \(more) have no image anywhere, are "
        + "drawn as targets until the prior follows the counts, and have no part in the worst class and FAWA"
    ]
  }

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
