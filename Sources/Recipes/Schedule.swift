// The learning rate of every step of a run, as a value. With t in epochs at the end of the step, as Rice et al. (2020) and
// Wong et al. (2020) evaluate theirs, E epochs in all and W of warm-up:
//
//   milestones   η_e                                     a constant for each epoch
//   cosine       η · ½(1 + cos(π·(t − W) / (E − W)))     Loshchilov and Hutter (2017), one cycle without restarts
//   one-cycle    η · t / (p·E) up to the peak p·E, then η · (E − t) / (E − p·E)
//   warm-up      any of these times t / W, while t < W
//
// and as timm sets the rate, once an epoch e = 0, 1, ..., with C epochs of cool-down at the end:
//
//   epoch-cosine   η_0 + (η − η_0) · e / W                                 while e < W
//                  η_m + (η − η_m) · ½(1 + cos(π·e / (E − C)))             then; the cosine begins with the run
//                  η_m                                                     from E − C on
//
// With the others no step of a warm-up has the rate 0, its last one has the full rate, and the last step of a run ends cosine
// and one-cycle at 0. Milestones count whole epochs (docs/methods.md says how that differs from Rice et al.).

/// What the learning rate does over a run.
package enum ScheduleShape: String, CaseIterable, Equatable, Sendable {
  /// It falls at milestones.
  case milestones
  case cosine
  /// The same, one rate an epoch, down to a least rate.
  case epochCosine = "epoch-cosine"
  /// It rises to a peak and falls to 0.
  case oneCycle = "one-cycle"
}

/// The learning rate as a function of the step: of nothing else, so that it is the same after a resume and on any ranks.
package struct Schedule: Equatable, Sendable {
  /// The course of the rate, warm-up aside.
  package enum Course: Equatable, Sendable {
    /// From the first of these epochs on (ascending) another rate than the base rate.
    case constants([Constant])
    case cosine
    /// - Parameters:
    ///   - start: the rate of the first epoch of a warm-up.
    ///   - least: the rate of the last epochs.
    ///   - coolDown: how many at the end have that rate.
    case epochCosine(start: Double, least: Double, coolDown: Int)
    /// - Parameter peak: where the base rate is reached, a fraction of the run in 0..<1.
    case oneCycle(peak: Double)
  }

  /// A rate and the epoch, from 0, with which it begins.
  package struct Constant: Equatable, Sendable {
    package let epoch: Int
    package let rate: Double
  }

  /// The largest rate.
  package let base: Double
  package let epochs: Int
  /// Epochs, in parts too.
  package let warmUp: Double
  package let course: Course

  package init(base: Double, epochs: Int, warmUp: Double = 0, _ course: Course) {
    self.base = base
    self.epochs = epochs
    self.warmUp = warmUp
    self.course = course
  }

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - epoch: from 0.
  ///   - step: of the epoch, from 0.
  ///   - steps: of an epoch.
  package func rate(epoch: Int, step: Int, of steps: Int) -> Double {
    let time = Double(epoch) + Double(step + 1) / Double(steps)
    let rate: Double
    switch course {
    case .constants(let constants): rate = constants.last { $0.epoch <= epoch }?.rate ?? base
    // A warm-up may be longer than the run.
    case .cosine: rate = time <= warmUp ? base : base * Self.cosine((time - warmUp) / (Double(epochs) - warmUp))
    case .epochCosine(let start, let least, let coolDown):
      let begun = Double(epoch)
      if begun < warmUp { return start + (base - start) * (begun / warmUp) }
      let length = Double(epochs - coolDown)
      return begun < length ? least + (base - least) * Self.cosine(begun / length) : least
    case .oneCycle(let peak): rate = base * Self.triangle(time / Double(epochs), peak: peak)
    }
    return time < warmUp ? rate * (time / warmUp) : rate
  }

  /// Up from 0 to 1 at `peak`, down to 0 at 1.
  private static func triangle(_ x: Double, peak: Double) -> Double {
    x < peak ? x / peak : max(0, (1 - x) / (1 - peak))
  }

  /// ½(1 + cos πx) for x >= 0; 0 from x = 1 on.
  ///
  /// ½(1 + cos πx) = sin²(½π(1 − x)), by the Taylor series of the sine to degree 21 (remainder below 2^-59): the C library
  /// may take another cosine on another CPU, and ranks must make the same step.
  private static func cosine(_ x: Double) -> Double {
    guard x < 1 else { return 0 }
    let z = 0.5 * Double.pi * (1 - x)
    var sum = 1.0
    for degree in stride(from: 21.0, through: 3, by: -2) { sum = 1 - sum * z * z / (degree * (degree - 1)) }
    return (z * sum) * (z * sum)
  }
}
