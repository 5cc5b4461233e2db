// What lies outside of a picture, as the libraries name it that the authors used.

/// How an index outside of 0 ..< n is taken inside.
enum Border {
  /// The pixel at the edge, again and again.
  case nearest
  /// Mirrored, the edge pixel repeated: dcba|abcd|dcba (`reflect` of SciPy).
  case reflect
  /// Mirrored at the edge pixel: dcb|abcd|cba (`BORDER_REFLECT_101` of OpenCV).
  case mirror

  /// The index inside 0 ..< n that an index stands for.
  func index(_ i: Int, in n: Int) -> Int {
    if 0..<n ~= i { return i }
    func wrapped(_ period: Int) -> Int { (i % period + period) % period }
    switch self {
    case .nearest: return i < 0 ? 0 : n - 1
    case .reflect:
      let m = wrapped(2 * n)
      return m < n ? m : 2 * n - 1 - m
    case .mirror:
      guard n > 1 else { return 0 }
      let m = wrapped(2 * n - 2)
      return m < n ? m : 2 * n - 2 - m
    }
  }
}
