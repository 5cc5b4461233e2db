// Colours as hue, saturation and value (Smith 1978, as scikit-image has it): V = max, S = (max - min)/max, the hue in sixths
// from the channel that is greatest (of equal ones blue before green before red).

/// A colour by hue, saturation and value, each in [0, 1].
struct HSV {
  var hue: Double
  var saturation: Double
  var value: Double

  init(red: Double, green: Double, blue: Double) {
    value = max(red, green, blue)
    let range = value - min(red, green, blue)
    saturation = range == 0 ? 0 : range / value
    guard range > 0 else {
      hue = 0
      return
    }
    let sixths: Double =
      if blue == value {
        4 + (red - green) / range
      } else if green == value {
        2 + (blue - red) / range
      } else {
        (green - blue) / range
      }
    let turn = sixths / 6
    hue = turn - turn.rounded(.down)
  }

  /// Red, green and blue.
  var rgb: (Double, Double, Double) {
    let sixth = (hue * 6).rounded(.down)
    let f = hue * 6 - sixth
    let p = value * (1 - saturation)
    let q = value * (1 - f * saturation)
    let t = value * (1 - (1 - f) * saturation)
    switch Int(sixth) % 6 {
    case 0: return (value, t, p)
    case 1: return (q, value, p)
    case 2: return (p, value, t)
    case 3: return (p, q, value)
    case 4: return (t, p, value)
    default: return (value, p, q)
    }
  }
}

extension Plane {
  /// Each pixel's colour by a change of its hue, saturation and value.
  func mapColours(_ change: (inout HSV) -> Void) -> Plane {
    var result = self
    for i in stride(from: 0, to: values.count, by: 3) {
      var colour = HSV(red: values[i], green: values[i + 1], blue: values[i + 2])
      change(&colour)
      (result.values[i], result.values[i + 1], result.values[i + 2]) = colour.rgb
    }
    return result
  }
}
