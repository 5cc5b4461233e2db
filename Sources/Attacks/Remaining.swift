// The examples of a block that a search still goes on for: those that are broken leave the passes, which become smaller.
//
// An example's candidates depend on the example alone (running statistics, addressed randomness), so whoever else has left
// changes nothing; and broken stays broken, so whatever would be tried on it after would change no verdict.

/// Which examples go on, ascending.
struct Remaining {
  private(set) var places: [Int]

  init(_ problem: AttackProblem) { places = problem.active }

  var isEmpty: Bool { places.isEmpty }
  var count: Int { places.count }

  /// Drops those that `isDone` says of, by place among those that are left and by example.
  mutating func drop(where isDone: (_ place: Int, _ n: Int) -> Bool) {
    var left = 0
    for (place, n) in places.enumerated() where !isDone(place, n) {
      places[left] = n
      left += 1
    }
    places.removeLast(places.count - left)
  }
}
