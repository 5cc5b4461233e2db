import Augmentations
import Datasets
import Testing

/// What is drawn for examples, against bounds and moments worked out by hand.
@Suite struct DrawTests {
  /// Mean and variance.
  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  /// A side is the root of area times or over aspect, rounded; so h w is within (h + w)/2 + 1/4 of the area.
  private func isPossible(_ window: ResizedCrop.Window, areas: (Double, Double), aspects: (Double, Double)) -> Bool {
    let (h, w) = (Double(window.height), Double(window.width))
    let (area, slack) = (h * w, (h + w) / 2 + 0.25)
    let (least, most) = ((w - 0.5) / (h + 0.5), (w + 0.5) / (h - 0.5))
    guard area >= areas.0 - slack, area <= areas.1 + slack else { return false }
    return most >= aspects.0 && least <= aspects.1
  }

  // MARK: Resized crop

  /// The light recipe's: 0.8 to 1.2 of the area, of which more than all does not fit.
  @Test func windowsFitAndReachEverywhere() {
    let crop = ResizedCrop(scale: 0.8...1.2, ratio: 0.95...1.05)
    let windows = addresses(20_000).map { crop.window(height: 32, width: 32, $0) }
    for window in windows {
      #expect(
        window.top >= 0 && window.top + window.height <= 32 && window.left >= 0 && window.left + window.width <= 32)
      #expect(isPossible(window, areas: (0.8 * 1024, 1024), aspects: (0.95, 1.05)))
    }
    // √0.8 · 32 = 28.6, over √1.05 27.9: sides of 28 to 32; 4 rows above and below a window of 28.
    #expect(Set(windows.map(\.height)) == Set(28...32) && Set(windows.map(\.width)) == Set(28...32))
    #expect(Set(windows.filter { $0.height == 28 }.map(\.top)) == Set(0...4))
    #expect(Set(windows.filter { $0.width == 28 }.map(\.left)) == Set(0...4))
  }

  /// Areas uniform: with an aspect of 1 and windows that always fit, the side is √U(0.25, 0.81) · 100.
  @Test func areasAreUniform() {
    let crop = ResizedCrop(scale: 0.25...0.81, ratio: 1...1)
    let areas = addresses(20_000).map { address -> Double in
      let window = crop.window(height: 100, width: 100, address)
      #expect(window.height == window.width)
      return Double(window.height * window.width) / 10_000
    }
    let (mean, variance) = moments(areas)
    // Mean 0.53, variance 0.56²/12 = 0.02613; of 20,000 the mean's deviation is 0.00114.
    #expect(abs(mean - 0.53) < 0.006 && abs(variance - 0.026133) < 0.001)
  }

  /// Aspects log-uniform: of 1/2 to 2 a half is above 1, a quarter below the root of 1/2.
  @Test func aspectsAreLogUniform() {
    let crop = ResizedCrop(scale: 0.16...0.16, ratio: 0.5...2)
    let turned = addresses(20_000).map { address -> (Double, Bool) in
      let window = crop.window(height: 1000, width: 1000, address)
      return (Double(window.width) / Double(window.height), window.width > window.height)
    }
    let quarter = turned.count { $0.0 < 0.5.squareRoot() }
    #expect(abs(turned.count { $0.1 } - 10_000) < 360 && abs(quarter - 5000) < 310)
    #expect(turned.allSatisfy { $0.0 > 0.497 && $0.0 < 2.012 })
  }

  /// What never fits is the whole image, or the middle of it that has the aspect.
  @Test func windowsThatDoNotFit() {
    let address = AugmentationAddress(seed: 1, epoch: 0, example: 0)
    let large = ResizedCrop(scale: 4...9, ratio: 1...1)
    #expect(large.window(height: 32, width: 32, address) == .init(top: 0, left: 0, height: 32, width: 32))
    #expect(large.window(height: 16, width: 24, address) == .init(top: 0, left: 4, height: 16, width: 16))
    #expect(large.window(height: 25, width: 16, address) == .init(top: 4, left: 0, height: 16, width: 16))
    let wide = ResizedCrop(scale: 4...9, ratio: 0.5...2)
    #expect(wide.window(height: 16, width: 24, address) == .init(top: 0, left: 0, height: 16, width: 24))
  }

  // MARK: Colours, turns

  @Test func factorsAndOrders() {
    let jitter = ColourJitter(0.25)
    let all = addresses(12_000)
    for property in ColourJitter.Property.allCases {
      let factors = all.map { Double(jitter.factor(property, $0)) }
      #expect(factors.allSatisfy { $0 >= 0.75 && $0 < 1.25 })
      let (mean, variance) = moments(factors)
      // 0.5²/12 = 0.020833.
      #expect(abs(mean - 1) < 0.007 && abs(variance - 0.020833) < 0.0009)
    }
    var orders: [[ColourJitter.Property]: Int] = [:]
    for address in all { orders[jitter.order(address), default: 0] += 1 }
    // 2000 of each of six, deviation 41.
    #expect(orders.count == 6 && orders.values.allSatisfy { abs($0 - 2000) < 210 })
    #expect(orders.keys.allSatisfy { Set($0).count == 3 })
    // As strong as 1 nothing is negative.
    #expect(all.allSatisfy { ColourJitter(1).factor(.contrast, $0) >= 0 })
  }

  @Test func angles() {
    let angles = addresses(12_000).map { Rotation(2).angle($0) }
    let (mean, variance) = moments(angles)
    // 4²/12.
    #expect(angles.allSatisfy { abs($0) <= 2 } && abs(mean) < 0.06 && abs(variance - 16.0 / 12) < 0.06)
  }

  // MARK: Erasing

  @Test func boxes() {
    let erasing = RandomErasing(0.2)
    let boxes = addresses(40_000).compactMap { erasing.box(height: 32, width: 32, $0) }
    // 8000 expected, deviation 80.
    #expect(abs(boxes.count - 8000) < 400)
    for box in boxes {
      #expect(box.height < 32 && box.width < 32 && box.height > 0 && box.width > 0)
      #expect(box.top >= 0 && box.top + box.height <= 32 && box.left >= 0 && box.left + box.width <= 32)
      #expect(isPossible(box, areas: (0.02 * 1024, 1024.0 / 3), aspects: (0.3, 1 / 0.3)))
    }
    let (high, wide) = (boxes.count { $0.height > $0.width }, boxes.count { $0.height < $0.width })
    #expect(abs(high - wide) < 450)
    #expect(boxes.contains { $0.top == 0 } && boxes.contains { $0.top + $0.height == 32 })
    #expect(boxes.contains { $0.left == 0 } && boxes.contains { $0.left + $0.width == 32 })
    // Areas are 2 % to 33 %; those above a quarter are a fourth of them, a bit less as long ones do not fit.
    let large = Double(boxes.count { $0.height * $0.width > 256 }) / Double(boxes.count)
    #expect(large > 0.15 && large < 0.28)
    #expect(addresses(100).allSatisfy { RandomErasing(1).box(height: 32, width: 32, $0) != nil })
  }

  /// Noise of mean 1/2; a normal number cut off at two deviations has the variance 1 − 4 φ(2)/(2 Φ(2) − 1) = 0.773741, so of 1/4:
  /// 0.0483588. Nothing else is touched.
  @Test func noiseInTheBox() {
    let images = LabeledImages(
      height: 32, width: 32, pixels: [UInt8](repeating: 51, count: 300 * 3072),
      labels: [Int32](repeating: 0, count: 300))
    let erasing = RandomErasing(1)
    var noise: [Double] = []
    for example in 0..<300 {
      let floats = Augmentation([erasing]).floats(example, of: images, seed: 5)
      let box = erasing.box(height: 32, width: 32, AugmentationAddress(seed: 5, epoch: 0, example: example))!
      for y in 0..<32 {
        for x in 0..<32 {
          let pixel = floats[(y * 32 + x) * 3..<(y * 32 + x) * 3 + 3]
          if (box.top..<box.top + box.height).contains(y) && (box.left..<box.left + box.width).contains(x) {
            noise += pixel.map(Double.init)
          } else {
            #expect(pixel.allSatisfy { $0 == Float(51) / 255 })
          }
        }
      }
    }
    let (mean, variance) = moments(noise)
    #expect(noise.count > 100_000 && noise.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 0.004 && abs(variance - 0.0483588) < 0.0008)
    // Φ(1) − Φ(−1) = 0.682689 of 0.954500 lie within one deviation.
    let within = Double(noise.count { abs($0 - 0.5) < 0.25 }) / Double(noise.count)
    #expect(abs(within - 0.682689 / 0.954500) < 0.007)
    // Few if any are cut to the ends, where a number that is not truncated but cut would lie in one of 22 cases.
    #expect(noise.count { $0 == 0 || $0 == 1 } < noise.count / 1000)
  }
}
