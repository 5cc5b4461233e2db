// The register tile of the matrix kernels:  [rows x depth] · [depth x panel] -> [rows x panel].
//
// The accumulators of all rows stay in registers over the whole sum; per step one or two vectors of filters are loaded and
// each row's value is broadcast into the multiply-add.

/// A tile of up to two vectors of output channels; `rows` below `tileRows` repeats the last row and drops the copies.
@inline(never)
func tileOfTwoVectors(
  _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int,
  _ runs: UnsafeBufferPointer<TapProgram.Run>, _ filters: UnsafePointer<Float>, _ out: inout TileStore
) {
  var sums = Rows(repeating: (left: Vector.zero, right: Vector.zero))
  let windows = Rows(each: { r in x + Int(inputOffsets[min(r, rows - 1)]) })
  var filter = UnsafeRawPointer(filters)
  for run in runs {
    let values = Rows(windows) { $0 + run.offset }
    for k in 0..<run.length {
      let f0 = filter.load(as: Vector.self)
      let f1 = filter.load(fromByteOffset: MemoryLayout<Vector>.size, as: Vector.self)
      filter += 2 * MemoryLayout<Vector>.size
      sums.update(with: values) { sum, value in
        let v = Vector(repeating: value[k])
        sum.left = sum.left.plus(v, times: f0)
        sum.right = sum.right.plus(v, times: f1)
      }
    }
  }
  sums.forEach { r, sum in
    out.put(sum.left, row: r, channel: 0)
    out.put(sum.right, row: r, channel: lanes)
  }
}

/// A tile of one vector of output channels, the first of a panel.
@inline(never)
func tileOfOneVector(
  _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int,
  _ runs: UnsafeBufferPointer<TapProgram.Run>, _ filters: UnsafePointer<Float>, _ out: inout TileStore
) {
  var sums = Rows(repeating: Vector.zero)
  let windows = Rows(each: { r in x + Int(inputOffsets[min(r, rows - 1)]) })
  var filter = UnsafeRawPointer(filters)
  for run in runs {
    let values = Rows(windows) { $0 + run.offset }
    for k in 0..<run.length {
      let f = filter.load(as: Vector.self)
      filter += 2 * MemoryLayout<Vector>.size
      sums.update(with: values) { sum, value in sum = sum.plus(Vector(repeating: value[k]), times: f) }
    }
  }
  sums.forEach { r, sum in out.put(sum, row: r, channel: 0) }
}
