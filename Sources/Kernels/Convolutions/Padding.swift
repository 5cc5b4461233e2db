// The load stage of a convolution: an image is transformed element by element and laid into a frame of zeros one pixel wide.
//
// The transforms are what stands before a convolution in either direction:
//   affine           a = s_c·x + t_c                               pixels to normalised pixels
//   affine, ReLU     a = max(0, s_c·x + t_c)                       BatchNorm and ReLU
//   copy             a = x                                         an output gradient

/// Per-channel coefficients of a = s·x + t.
package struct ChannelAffine: @unchecked Sendable {
  package let scale: UnsafePointer<Float>
  package let shift: UnsafePointer<Float>

  package init(scale: UnsafePointer<Float>, shift: UnsafePointer<Float>) {
    self.scale = scale
    self.shift = shift
  }
}

protocol ElementTransform {
  func vector(_ x: Vector, channel: Int) -> Vector
  func scalar(_ x: Float, channel: Int) -> Float
}

struct CopyTransform: ElementTransform {
  @inline(__always) func vector(_ x: Vector, channel: Int) -> Vector { x }
  @inline(__always) func scalar(_ x: Float, channel: Int) -> Float { x }
}

struct AffineTransform: ElementTransform {
  let affine: ChannelAffine
  @inline(__always) func vector(_ x: Vector, channel: Int) -> Vector {
    load(affine.shift + channel).plus(load(affine.scale + channel), times: x)
  }
  @inline(__always) func scalar(_ x: Float, channel: Int) -> Float {
    affine.shift[channel].plus(affine.scale[channel], times: x)
  }
}

struct AffineReLUTransform: ElementTransform {
  let affine: AffineTransform
  @inline(__always) func vector(_ x: Vector, channel: Int) -> Vector {
    let z = affine.vector(x, channel: channel)
    return z.replacing(with: Vector.zero, where: z .<= Vector.zero)
  }
  @inline(__always) func scalar(_ x: Float, channel: Int) -> Float {
    let z = affine.scalar(x, channel: channel)
    // As in a vector, what is not a number stays so: a network that diverged must say so in its loss.
    return z <= 0 ? 0 : z
  }
}

/// Lays images into frames of zeros.
package enum Padding {
  /// Copies images (H, W, C) into padded ones.
  package static func copy(
    _ x: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>, images: Int, height: Int, width: Int,
    channels: Int
  ) {
    lay(x, padded, images, height, width, channels, CopyTransform())
  }

  /// Lays s·x + t into padded images.
  package static func affine(
    _ x: UnsafePointer<Float>, _ affine: ChannelAffine, into padded: UnsafeMutablePointer<Float>, images: Int,
    height: Int, width: Int, channels: Int
  ) {
    lay(x, padded, images, height, width, channels, AffineTransform(affine: affine))
  }

  /// Lays max(0, s·x + t) into padded images.
  package static func affineReLU(
    _ x: UnsafePointer<Float>, _ affine: ChannelAffine, into padded: UnsafeMutablePointer<Float>, images: Int,
    height: Int, width: Int, channels: Int
  ) {
    lay(
      x, padded, images, height, width, channels, AffineReLUTransform(affine: AffineTransform(affine: affine)))
  }

  @inline(__always)
  private static func lay<T: ElementTransform>(
    _ x: UnsafePointer<Float>, _ padded: UnsafeMutablePointer<Float>, _ images: Int, _ height: Int, _ width: Int,
    _ channels: Int, _ transform: T
  ) {
    let rowCount = (width + 2) * channels
    let whole = channels / lanes * lanes
    var source = x
    var out = padded
    for _ in 0..<images {
      out.update(repeating: 0, count: rowCount)
      out += rowCount
      for _ in 0..<height {
        (out).update(repeating: 0, count: channels)
        out += channels
        for _ in 0..<width {
          var c = 0
          while c < whole {
            store(transform.vector(load(source + c), channel: c), out + c)
            c += lanes
          }
          while c < channels {
            out[c] = transform.scalar(source[c], channel: c)
            c += 1
          }
          source += channels
          out += channels
        }
        out.update(repeating: 0, count: channels)
        out += channels
      }
      out.update(repeating: 0, count: rowCount)
      out += rowCount
    }
  }
}
