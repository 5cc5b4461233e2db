// D_val, what FAWA decides on and models are selected with: the first n images of each class in data set order, n by
// `HoldOutRule`; D_tr is the rest. After the code of CFA (generate_validation.py) and FAIR-TAT (utils.py), which know equal
// classes only: 2 % is 100 a class for CIFAR-10.

/// The training set in two parts that keep the order of the data set.
package struct ValidationSplit: Sendable, Equatable {
  /// What decided how many images of each class are held out.
  package let rule: HoldOutRule
  /// Indices into the training images, ascending.
  package let train: [Int]
  /// Indices into the training images, ascending; empty for fraction 0.
  package let validation: [Int]

  /// - Parameter fraction: of each class, in [0, 1).
  package init(labels: [Int32], classes: Int, fraction: Double, rule: HoldOutRule = .atLeastOne) {
    precondition(fraction >= 0 && fraction < 1)
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    var left = counts.map { rule.images(of: $0, fraction: fraction) }
    var train: [Int] = []
    var validation: [Int] = []
    train.reserveCapacity(labels.count)
    for (i, label) in labels.enumerated() {
      if left[Int(label)] > 0 {
        left[Int(label)] -= 1
        validation.append(i)
      } else {
        train.append(i)
      }
    }
    self.rule = rule
    self.train = train
    self.validation = validation
  }
}
