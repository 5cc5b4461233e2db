import Foundation

/// Own data in `.npy` files: images of 16x16 whose brightness tells the class.
struct OwnData {
  /// Of the images; the first of each class 0, 1, 2, then again.
  var count = 30
  var classes = 3
  /// The brightness of an image of a class.
  var brightness: (Int) -> Int = { 40 + 60 * $0 }
  var parts = ["train", "test"]

  /// Writes the files into a folder of a scene.
  func write(_ name: String, _ scene: Scene) throws {
    let folder = scene.path(name)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for part in parts {
      let labels = (0..<count).map { UInt8($0 % classes) }
      let pixels = (0..<count).flatMap { image in
        (0..<768).map { UInt8(clamping: brightness(image % classes) + ($0 * 13 + image * 7 + part.count) % 23) }
      }
      try Self.npy(pixels, shape: [count, 16, 16, 3]).write(to: URL(fileURLWithPath: "\(folder)/\(part)_images.npy"))
      try Self.npy(labels, shape: [count]).write(to: URL(fileURLWithPath: "\(folder)/\(part)_labels.npy"))
    }
  }

  /// A file as numpy.lib.format describes it.
  static func npy(_ values: [UInt8], shape: [Int]) -> Data {
    let tuple = shape.map { "\($0), " }.joined()
    var header = Array("{'descr': '|u1', 'fortran_order': False, 'shape': (\(tuple)), }".utf8)
    header += [UInt8](repeating: 0x20, count: 127 - 10 - header.count) + [0x0A]
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + values)
  }
}
