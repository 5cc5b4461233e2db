// The tiles of the direct convolution, written out row by row: the accumulators must be named to stay in registers.

#if FAIRTAT_AVX512
  /// Output pixels in a tile.
  package let tileRows = 8

  @inline(never)
  func tileOfTwoVectors(
    _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int,
    _ runs: UnsafeBufferPointer<TapProgram.Run>, _ filters: UnsafePointer<Float>, _ out: inout TileStore
  ) {
    let last = rows - 1
    let x0 = x + Int(inputOffsets[0])
    let x1 = x + Int(inputOffsets[min(1, last)])
    let x2 = x + Int(inputOffsets[min(2, last)])
    let x3 = x + Int(inputOffsets[min(3, last)])
    let x4 = x + Int(inputOffsets[min(4, last)])
    let x5 = x + Int(inputOffsets[min(5, last)])
    let x6 = x + Int(inputOffsets[min(6, last)])
    let x7 = x + Int(inputOffsets[min(7, last)])
    var a0 = Vector.zero, b0 = Vector.zero
    var a1 = Vector.zero, b1 = Vector.zero
    var a2 = Vector.zero, b2 = Vector.zero
    var a3 = Vector.zero, b3 = Vector.zero
    var a4 = Vector.zero, b4 = Vector.zero
    var a5 = Vector.zero, b5 = Vector.zero
    var a6 = Vector.zero, b6 = Vector.zero
    var a7 = Vector.zero, b7 = Vector.zero
    var b = UnsafeRawPointer(filters)
    for run in runs {
      let offset = run.offset, length = run.length
      let p0 = x0 + offset
      let p1 = x1 + offset
      let p2 = x2 + offset
      let p3 = x3 + offset
      let p4 = x4 + offset
      let p5 = x5 + offset
      let p6 = x6 + offset
      let p7 = x7 + offset
      for k in 0..<length {
        let f0 = b.load(as: Vector.self)
        let f1 = b.advanced(by: MemoryLayout<Vector>.size).load(as: Vector.self)
        b += 2 * MemoryLayout<Vector>.size
        let v0 = Vector(repeating: p0[k])
        a0 = a0.plus(v0, times: f0)
        b0 = b0.plus(v0, times: f1)
        let v1 = Vector(repeating: p1[k])
        a1 = a1.plus(v1, times: f0)
        b1 = b1.plus(v1, times: f1)
        let v2 = Vector(repeating: p2[k])
        a2 = a2.plus(v2, times: f0)
        b2 = b2.plus(v2, times: f1)
        let v3 = Vector(repeating: p3[k])
        a3 = a3.plus(v3, times: f0)
        b3 = b3.plus(v3, times: f1)
        let v4 = Vector(repeating: p4[k])
        a4 = a4.plus(v4, times: f0)
        b4 = b4.plus(v4, times: f1)
        let v5 = Vector(repeating: p5[k])
        a5 = a5.plus(v5, times: f0)
        b5 = b5.plus(v5, times: f1)
        let v6 = Vector(repeating: p6[k])
        a6 = a6.plus(v6, times: f0)
        b6 = b6.plus(v6, times: f1)
        let v7 = Vector(repeating: p7[k])
        a7 = a7.plus(v7, times: f0)
        b7 = b7.plus(v7, times: f1)
      }
    }
    out.put(a0, row: 0, channel: 0)
    out.put(b0, row: 0, channel: lanes)
    out.put(a1, row: 1, channel: 0)
    out.put(b1, row: 1, channel: lanes)
    out.put(a2, row: 2, channel: 0)
    out.put(b2, row: 2, channel: lanes)
    out.put(a3, row: 3, channel: 0)
    out.put(b3, row: 3, channel: lanes)
    out.put(a4, row: 4, channel: 0)
    out.put(b4, row: 4, channel: lanes)
    out.put(a5, row: 5, channel: 0)
    out.put(b5, row: 5, channel: lanes)
    out.put(a6, row: 6, channel: 0)
    out.put(b6, row: 6, channel: lanes)
    out.put(a7, row: 7, channel: 0)
    out.put(b7, row: 7, channel: lanes)
  }

  @inline(never)
  func tileOfOneVector(
    _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int,
    _ runs: UnsafeBufferPointer<TapProgram.Run>, _ filters: UnsafePointer<Float>, _ out: inout TileStore
  ) {
    let last = rows - 1
    let x0 = x + Int(inputOffsets[0])
    let x1 = x + Int(inputOffsets[min(1, last)])
    let x2 = x + Int(inputOffsets[min(2, last)])
    let x3 = x + Int(inputOffsets[min(3, last)])
    let x4 = x + Int(inputOffsets[min(4, last)])
    let x5 = x + Int(inputOffsets[min(5, last)])
    let x6 = x + Int(inputOffsets[min(6, last)])
    let x7 = x + Int(inputOffsets[min(7, last)])
    var a0 = Vector.zero
    var a1 = Vector.zero
    var a2 = Vector.zero
    var a3 = Vector.zero
    var a4 = Vector.zero
    var a5 = Vector.zero
    var a6 = Vector.zero
    var a7 = Vector.zero
    var b = UnsafeRawPointer(filters)
    for run in runs {
      let offset = run.offset, length = run.length
      let p0 = x0 + offset
      let p1 = x1 + offset
      let p2 = x2 + offset
      let p3 = x3 + offset
      let p4 = x4 + offset
      let p5 = x5 + offset
      let p6 = x6 + offset
      let p7 = x7 + offset
      for k in 0..<length {
        let f0 = b.load(as: Vector.self)
        b += 2 * MemoryLayout<Vector>.size
        let v0 = Vector(repeating: p0[k])
        a0 = a0.plus(v0, times: f0)
        let v1 = Vector(repeating: p1[k])
        a1 = a1.plus(v1, times: f0)
        let v2 = Vector(repeating: p2[k])
        a2 = a2.plus(v2, times: f0)
        let v3 = Vector(repeating: p3[k])
        a3 = a3.plus(v3, times: f0)
        let v4 = Vector(repeating: p4[k])
        a4 = a4.plus(v4, times: f0)
        let v5 = Vector(repeating: p5[k])
        a5 = a5.plus(v5, times: f0)
        let v6 = Vector(repeating: p6[k])
        a6 = a6.plus(v6, times: f0)
        let v7 = Vector(repeating: p7[k])
        a7 = a7.plus(v7, times: f0)
      }
    }
    out.put(a0, row: 0, channel: 0)
    out.put(a1, row: 1, channel: 0)
    out.put(a2, row: 2, channel: 0)
    out.put(a3, row: 3, channel: 0)
    out.put(a4, row: 4, channel: 0)
    out.put(a5, row: 5, channel: 0)
    out.put(a6, row: 6, channel: 0)
    out.put(a7, row: 7, channel: 0)
  }
#else
  /// Output pixels in a tile.
  package let tileRows = 6

  @inline(never)
  func tileOfTwoVectors(
    _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int,
    _ runs: UnsafeBufferPointer<TapProgram.Run>, _ filters: UnsafePointer<Float>, _ out: inout TileStore
  ) {
    let last = rows - 1
    let x0 = x + Int(inputOffsets[0])
    let x1 = x + Int(inputOffsets[min(1, last)])
    let x2 = x + Int(inputOffsets[min(2, last)])
    let x3 = x + Int(inputOffsets[min(3, last)])
    let x4 = x + Int(inputOffsets[min(4, last)])
    let x5 = x + Int(inputOffsets[min(5, last)])
    var a0 = Vector.zero, b0 = Vector.zero
    var a1 = Vector.zero, b1 = Vector.zero
    var a2 = Vector.zero, b2 = Vector.zero
    var a3 = Vector.zero, b3 = Vector.zero
    var a4 = Vector.zero, b4 = Vector.zero
    var a5 = Vector.zero, b5 = Vector.zero
    var b = UnsafeRawPointer(filters)
    for run in runs {
      let offset = run.offset, length = run.length
      let p0 = x0 + offset
      let p1 = x1 + offset
      let p2 = x2 + offset
      let p3 = x3 + offset
      let p4 = x4 + offset
      let p5 = x5 + offset
      for k in 0..<length {
        let f0 = b.load(as: Vector.self)
        let f1 = b.advanced(by: MemoryLayout<Vector>.size).load(as: Vector.self)
        b += 2 * MemoryLayout<Vector>.size
        let v0 = Vector(repeating: p0[k])
        a0 = a0.plus(v0, times: f0)
        b0 = b0.plus(v0, times: f1)
        let v1 = Vector(repeating: p1[k])
        a1 = a1.plus(v1, times: f0)
        b1 = b1.plus(v1, times: f1)
        let v2 = Vector(repeating: p2[k])
        a2 = a2.plus(v2, times: f0)
        b2 = b2.plus(v2, times: f1)
        let v3 = Vector(repeating: p3[k])
        a3 = a3.plus(v3, times: f0)
        b3 = b3.plus(v3, times: f1)
        let v4 = Vector(repeating: p4[k])
        a4 = a4.plus(v4, times: f0)
        b4 = b4.plus(v4, times: f1)
        let v5 = Vector(repeating: p5[k])
        a5 = a5.plus(v5, times: f0)
        b5 = b5.plus(v5, times: f1)
      }
    }
    out.put(a0, row: 0, channel: 0)
    out.put(b0, row: 0, channel: lanes)
    out.put(a1, row: 1, channel: 0)
    out.put(b1, row: 1, channel: lanes)
    out.put(a2, row: 2, channel: 0)
    out.put(b2, row: 2, channel: lanes)
    out.put(a3, row: 3, channel: 0)
    out.put(b3, row: 3, channel: lanes)
    out.put(a4, row: 4, channel: 0)
    out.put(b4, row: 4, channel: lanes)
    out.put(a5, row: 5, channel: 0)
    out.put(b5, row: 5, channel: lanes)
  }

  @inline(never)
  func tileOfOneVector(
    _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int,
    _ runs: UnsafeBufferPointer<TapProgram.Run>, _ filters: UnsafePointer<Float>, _ out: inout TileStore
  ) {
    let last = rows - 1
    let x0 = x + Int(inputOffsets[0])
    let x1 = x + Int(inputOffsets[min(1, last)])
    let x2 = x + Int(inputOffsets[min(2, last)])
    let x3 = x + Int(inputOffsets[min(3, last)])
    let x4 = x + Int(inputOffsets[min(4, last)])
    let x5 = x + Int(inputOffsets[min(5, last)])
    var a0 = Vector.zero
    var a1 = Vector.zero
    var a2 = Vector.zero
    var a3 = Vector.zero
    var a4 = Vector.zero
    var a5 = Vector.zero
    var b = UnsafeRawPointer(filters)
    for run in runs {
      let offset = run.offset, length = run.length
      let p0 = x0 + offset
      let p1 = x1 + offset
      let p2 = x2 + offset
      let p3 = x3 + offset
      let p4 = x4 + offset
      let p5 = x5 + offset
      for k in 0..<length {
        let f0 = b.load(as: Vector.self)
        b += 2 * MemoryLayout<Vector>.size
        let v0 = Vector(repeating: p0[k])
        a0 = a0.plus(v0, times: f0)
        let v1 = Vector(repeating: p1[k])
        a1 = a1.plus(v1, times: f0)
        let v2 = Vector(repeating: p2[k])
        a2 = a2.plus(v2, times: f0)
        let v3 = Vector(repeating: p3[k])
        a3 = a3.plus(v3, times: f0)
        let v4 = Vector(repeating: p4[k])
        a4 = a4.plus(v4, times: f0)
        let v5 = Vector(repeating: p5[k])
        a5 = a5.plus(v5, times: f0)
      }
    }
    out.put(a0, row: 0, channel: 0)
    out.put(a1, row: 1, channel: 0)
    out.put(a2, row: 2, channel: 0)
    out.put(a3, row: 3, channel: 0)
    out.put(a4, row: 4, channel: 0)
    out.put(a5, row: 5, channel: 0)
  }
#endif
